// What the surface makes of Python projects on a real disk: kinds, switches, includes and how far they are followed.
// What each format says is requirement.test.ts, the walk itself is tested in collect.
import assert from 'node:assert/strict'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { discover } from '../discover.ts'
import { groundWith, never, plain, walkOver } from '../testing/ground.ts'
import { createPythonPackages, type PythonOrder } from './python-packages.ts'

const orderFor = (root: string, changed: Partial<PythonOrder> = {}): PythonOrder => ({
  ...walkOver(root),
  includeUV: true,
  includePyProject: true,
  includeRequirements: true,
  includePylock: true,
  requirementFileGlobs: ['requirements*.txt', 'constraints*.txt'],
  ...changed,
})

const collect = (root: string, changed: Partial<PythonOrder> = {}) =>
  createPythonPackages(() => orderFor(root, changed)).collect(never)

const told = async (root: string, changed: Partial<PythonOrder> = {}) => {
  const { items, issues } = await collect(root, changed)
  const short = (path: string): string => path.slice(root.length + 1)
  const kinds: Record<string, string> = {
    pythonDeclaredRequirement: 'declared',
    pythonResolvedPackage: 'resolved',
    pythonConstraint: 'constraint',
  }
  return {
    items: items.map(({ kind, name, version, path, origin }) =>
      [kinds[kind], origin, short(path), `${name}@${version ?? ''}`].join(' '),
    ),
    issues: issues.map(({ path, reason }) => `${short(path)}: ${reason}`),
  }
}

const project = {
  'pyproject.toml': '[project]\ndependencies = ["idna>=3"]\n[project.optional-dependencies]\nx = ["idna"]\n',
  'uv.lock': '[[package]]\nname = "idna"\nversion = "3.7"\n',
  'pylock.toml': '[[packages]]\nname = "idna"\nversion = "3.7"\n',
  'requirements-dev.txt': 'pytest==8\n',
  'constraints.txt': 'idna<4\n',
  'other.txt': 'none\n',
}

test('each file gives items of its kind and origin, and one dependency in several sections is one item', async () => {
  assert.deepEqual(await told(groundWith(project)), {
    items: [
      'constraint pip constraints.txt idna@',
      'declared pyproject pyproject.toml idna@',
      'declared pip requirements-dev.txt pytest@',
      'resolved pylock pylock.toml idna@3.7',
      'resolved uv uv.lock idna@3.7',
    ],
    issues: [],
  })
})

test('an item without a version has an identity that ends in a slash', async () => {
  const root = groundWith({ 'requirements.txt': 'a==1\n' })
  const path = join(root, 'requirements.txt')
  assert.deepEqual(plain(await collect(root)), [
    {
      itemId: `pythonPackages/pythonDeclaredRequirement/${path}/a/`,
      surface: 'pythonPackages',
      kind: 'pythonDeclaredRequirement',
      name: 'a',
      version: null,
      path,
      origin: 'pip',
      detail: null,
      installedOnRequest: null,
      attributes: {},
    },
  ])
})

const switches: readonly (readonly [Partial<PythonOrder>, number])[] = [
  [{ includeUV: false }, 4],
  [{ includePyProject: false }, 4],
  [{ includePylock: false }, 4],
  [{ includeRequirements: false }, 3],
  [{ requirementFileGlobs: ['*.txt'] }, 6],
  [{ requirementFileGlobs: [] }, 3],
]
for (const [changed, want] of switches)
  test(`with ${JSON.stringify(changed)} there are ${want} items`, async () =>
    assert.equal((await told(groundWith(project), changed)).items.length, want))

test('includes are followed from where they are written, constraints keep their kind, circles end', async () => {
  const root = groundWith({
    'requirements.txt': '-r sub/base.txt\na\n-r nowhere.txt\n-r https://example.org/r.txt\n',
    'sub/base.txt': 'b\n-c ../pins.txt\n-r ../requirements.txt\n',
    'pins.txt': 'c\n-r sub/base.txt\n',
  })
  assert.deepEqual(await told(root), {
    items: [
      'constraint pip pins.txt c@',
      'constraint pip requirements.txt a@',
      'constraint pip sub/base.txt b@',
      'declared pip requirements.txt a@',
      'declared pip sub/base.txt b@',
    ],
    issues: [],
  })
})

test('nothing outside the folder of the first file is included, by path or by link', async () => {
  const outside = groundWith({ 'secret.txt': 'secret\n' })
  const root = groundWith({
    'p/requirements.txt': `-r ../up.txt\n-r /etc/hostname\n-r ${outside}/secret.txt\n-r out/secret.txt\n-r in/ok.txt\n`,
    'up.txt': 'up\n',
    'p/real/ok.txt': 'ok\n',
  })
  symlinkSync(outside, join(root, 'p', 'out'))
  symlinkSync(join(root, 'p', 'real'), join(root, 'p', 'in'))
  const { items, issues } = await told(root)
  assert.deepEqual(items, ['declared pip p/in/ok.txt ok@'])
  assert.deepEqual(issues, ['p/out/secret.txt: a link that leads outside the scanned roots'])
})

test('a requirements file whose name is no valid text is an issue', async () => {
  const root = groundWith({ 'requirements.txt': 'a\n' })
  writeFileSync(Buffer.concat([Buffer.from(`${root}/requirements-`), Buffer.from([0xff]), Buffer.from('.txt')]), 'b\n')
  const { items, issues } = await told(root)
  assert.deepEqual(items, ['declared pip requirements.txt a@'])
  assert.deepEqual(issues, ['requirements-\ufffd.txt: cannot be inspected: its name is not valid text'])
})

test('an include that is too large is one issue, and the rest is read', async () => {
  const root = groundWith({
    'requirements.txt': '-r large.txt\na\n',
    'large.txt': '#'.padEnd(25_000_001),
  })
  assert.deepEqual(await told(root), {
    items: ['declared pip requirements.txt a@'],
    issues: ['large.txt: larger than the limit for its kind'],
  })
})

test('250 files are included and no more', async () => {
  const files = Object.fromEntries(Array.from({ length: 252 }, (_, at) => [`i${at}.txt`, `p${at}\n`]))
  const lines = Object.keys(files).map((name) => `-r ${name}\n`)
  const { items, issues } = await told(groundWith({ ...files, 'requirements.txt': `${lines.join('')}a\n` }))
  assert.equal(items.length, 251)
  assert.deepEqual(issues, [
    'i250.txt: not included: more than 250 files',
    'i251.txt: not included: more than 250 files',
  ])
})

test('includes are followed sixteen files deep and no deeper', async () => {
  const files = Object.fromEntries(Array.from({ length: 18 }, (_, at) => [`d${at}.txt`, `p${at}\n-r d${at + 1}.txt\n`]))
  const { items, issues } = await told(groundWith({ ...files, 'requirements.txt': '-r d0.txt\na\n' }))
  assert.equal(items.length, 17)
  assert.deepEqual(issues, ['d16.txt: not included: more than 16 files deep'])
})

test('a malformed file is one issue, keeps the others, and is known to be unseen', async () => {
  const root = groundWith({ ...project, 'uv.lock': '[[package' })
  const { items, issues, unseen } = await collect(root)
  const path = join(root, 'uv.lock')
  assert.deepEqual([items.length, issues], [4, [{ path, reason: 'is not TOML' }]])
  assert.deepEqual(unseen, [{ path, extent: 'file', because: 'unreadable' }])
})

for (const [name, text] of Object.entries(project).slice(0, -1))
  test(`a scan that is stopped when it comes to ${name} says why`, async () => {
    const root = groundWith({ [name]: text })
    const stop = new AbortController()
    const python = createPythonPackages(() => orderFor(root), {
      walk: async (order, signal) => {
        const found = await discover(order, signal)
        stop.abort(new Error('stopped'))
        return found
      },
    })
    await assert.rejects(python.collect(stop.signal), /stopped/)
  })
