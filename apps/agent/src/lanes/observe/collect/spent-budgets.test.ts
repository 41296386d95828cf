// What a scan tells once a budget ends it early: nothing that lies where it did not come is removed, however long that
// lasts, and what it did see is told (sensor-agent 15). How each budget is counted is tested beside the walk and the lists.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import { createCargoPackages } from './cargo-packages/cargo-packages.ts'
import { discoveryBudget, type WalkBudget } from './discover.ts'
import { createGoModules } from './go-modules/go-modules.ts'
import { createHomebrew } from './homebrew/homebrew.ts'
import { mostEntries } from './installed/list-folder.ts'
import { createJavascriptPackages } from './javascript-packages/javascript-packages.ts'
import { createNpmGlobalPackages } from './npm-global/npm-global-packages.ts'
import { createPythonPackages } from './python-packages/python-packages.ts'
import type { Collector } from './snapshot.ts'
import { groundWith, never, put, walkOver } from './testing/ground.ts'
import { packageHomeFiles } from './testing/package-home.ts'
import { toldOf } from './testing/sound-home.ts'
import { createVscodeExtensions } from './vscode-extensions/vscode-extensions.ts'

const { observe } = readConfiguration(null, readMachine({}))

const over = (home: string, budget: WalkBudget) => ({ ...walkOver(join(home, 'src')), budget })

const walked: Readonly<Record<string, (home: string, budget: WalkBudget) => Collector>> = {
  javascriptPackages: (home, budget) =>
    createJavascriptPackages(() => ({ ...observe.javascript, ...over(home, budget) })),
  pythonPackages: (home, budget) => createPythonPackages(() => ({ ...observe.python, ...over(home, budget) })),
  goModules: (home, budget) => createGoModules(() => over(home, budget)),
  cargoPackages: (home, budget) => createCargoPackages(() => over(home, budget)),
}

const budgets: Readonly<Record<string, Partial<WalkBudget>>> = {
  files: { maxFiles: 1 },
  folders: { maxDirectories: 3 },
  time: { maxMs: -1 },
}

/** Each kind of file once more, so that one surface has always more than its budget of files. */
const twice = Object.fromEntries(
  Object.entries(packageHomeFiles).flatMap(([path, text]) => [
    [path, text],
    [path.replace('src/', 'src/twice/'), text],
  ]),
)

const anAgeMs = 1_000_000_000

for (const [surface, create] of Object.entries(walked))
  for (const [of, spent] of Object.entries(budgets))
    test(`${surface} without ${of} left: an issue, and nothing is removed`, async () => {
      const home = groundWith(twice)
      const { items } = await create(home, discoveryBudget).collect(never)
      const now = await create(home, { ...discoveryBudget, ...spent }).collect(never)
      assert.deepEqual(
        now.issues.map(({ reason }) => reason),
        ['project discovery reached its limit'],
      )
      assert.ok(now.items.length < items.length)
      assert.deepEqual(toldOf(items, now, anAgeMs), [])
    })

test('what a walk saw before its budget ended is removed when it is gone', async () => {
  const home = groundWith(twice)
  const { items } = (await walked['goModules']?.(home, discoveryBudget).collect(never)) ?? { items: [] }
  rmSync(join(home, 'src/go/go.sum'))
  put(join(home, 'src/zz/go.sum'), '')
  const cut = { ...discoveryBudget, maxDirectories: 12 }
  const now = await walked['goModules']?.(home, cut).collect(never)
  assert.ok(now)
  assert.deepEqual([now.issues.length, toldOf(items, now)], [1, ['removed example.org/from-go']])
})

test('a requirements file that includes more than its limit keeps what it included before', async () => {
  const names = Array.from({ length: 250 }, (_, at) => `i${at}.txt`)
  const files = Object.fromEntries(names.map((name, at) => [`src/${name}`, `p${at}\n`]))
  const lines = names.map((name) => `-r ${name}\n`).join('')
  const home = groundWith({ ...files, 'src/requirements.txt': lines })
  const surface = createPythonPackages(() => ({ ...observe.python, ...over(home, discoveryBudget) }))
  const { items } = await surface.collect(never)
  put(join(home, 'src/new.txt'), 'new\n')
  put(join(home, 'src/requirements.txt'), `-r new.txt\n${lines}`)
  const now = await surface.collect(never)
  assert.deepEqual([items.length, now.issues.length, toldOf(items, now, anAgeMs)], [250, 1, ['added new']])
})

test('a requirements file that leads deeper than its limit keeps what it led to before', async () => {
  const chain = Array.from({ length: 16 }, (_, at) => [`src/d${at}.txt`, `p${at}\n-r d${at + 1}.txt\n`] as const)
  const home = groundWith({ ...Object.fromEntries(chain), 'src/requirements.txt': '-r d0.txt\n' })
  const surface = createPythonPackages(() => ({ ...observe.python, ...over(home, discoveryBudget) }))
  const { items } = await surface.collect(never)
  put(join(home, 'src/new.txt'), '-r d0.txt\n')
  put(join(home, 'src/requirements.txt'), '-r new.txt\n')
  const now = await surface.collect(never)
  assert.deepEqual([items.length, now.issues.length, toldOf(items, now, anAgeMs)], [16, 1, []])
})

/** Many racks, packages and extensions in one folder, of which no listing shows all once it is crowded. */
const shelf = Array.from({ length: 100 }, (_, at) => `thing-${at}`)
const listed: Readonly<Record<string, (folder: string) => Collector>> = {
  homebrew: (home) => createHomebrew(() => ({ home, prefixes: [home], platform: 'linux' })),
  vscodeExtensions: (home) => createVscodeExtensions(() => ({ home, extensionDirectories: [join(home, 'Cellar')] })),
  npmGlobalPackages: (home) => createNpmGlobalPackages(() => ({ home, prefixes: [home], platform: 'win32' })),
}

test('a folder with more entries than are looked at is an issue for each surface, and nothing is removed', async () => {
  const inEach = (name: string) => JSON.stringify({ publisher: 'x', name, version: '1' })
  const home = groundWith(
    Object.fromEntries(
      shelf.flatMap((name) => [
        [`Cellar/${name}/1.0/x`, ''],
        [`Cellar/${name}/package.json`, inEach(name)],
      ]),
    ),
  )
  symlinkSync('Cellar', join(home, 'node_modules'))
  const before = new Map<string, Awaited<ReturnType<Collector['collect']>>>()
  for (const [surface, create] of Object.entries(listed)) before.set(surface, await create(home).collect(never))
  for (let at = 0; at < mostEntries; at++) {
    writeFileSync(join(home, 'Cellar', `x${at}`), '')
  }
  for (const [surface, create] of Object.entries(listed)) {
    const now = await create(home).collect(never)
    const { items } = before.get(surface) ?? { items: [] }
    assert.deepEqual([items.length, now.issues.length], [shelf.length, 1], surface)
    assert.match(now.issues[0]?.reason ?? '', /entry limit reached/)
    assert.deepEqual(toldOf(items, now, anAgeMs), [], surface)
  }
})

test('more global packages than the limit are an issue, and what those beyond it brought along stands', async () => {
  const home = groundWith({
    'lib/node_modules/last/package.json': '{"version":"1"}',
    'lib/node_modules/last/node_modules/inner/package.json': '{"version":"1"}',
  })
  const surface = createNpmGlobalPackages(() => ({ home, prefixes: [home], platform: 'linux' }))
  const { items } = await surface.collect(never)
  for (let at = 0; at < 20_000; at++) mkdirSync(join(home, 'lib/node_modules', `x${at}`))
  const now = await surface.collect(never)
  assert.deepEqual([items.length, now.items.length, now.issues.length], [2, 1, 1])
  assert.deepEqual(toldOf(items, now, anAgeMs), [])
})
