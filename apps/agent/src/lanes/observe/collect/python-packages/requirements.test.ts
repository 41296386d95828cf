// Requirements files from one scan to the next: what is left unread never makes a scan see anything else than one that
// reads everything. What a single scan makes of them is python-packages.test.ts.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createGathering } from '../gathering.ts'
import type { Snapshot } from '../snapshot.ts'
import { groundWith, never, put, walkOver } from '../testing/ground.ts'
import { createPythonPackages } from './python-packages.ts'
import { REQUIREMENT_KIND, readRequirements } from './requirements.ts'

const anHourMs = 3_600_000

const surfaceOver = (root: string) =>
  createPythonPackages(
    () => ({
      ...walkOver(root),
      includeUV: true,
      includePyProject: true,
      includeRequirements: true,
      includePylock: true,
      requirementFileGlobs: ['requirements*.txt', 'constraints*.txt'],
    }),
    { nowMs: () => Date.now() + anHourMs },
  )

const idsOf = (items: Iterable<{ readonly itemId: string }>): readonly string[] =>
  [...items].map(({ itemId }) => itemId).toSorted()

const files = {
  'requirements.txt': 'a\n',
  'requirements-dev.txt': 'b\n',
  'constraints.txt': 'c\n',
  'base.in': 'd\n',
} as const
type Edit = Partial<Record<keyof typeof files, string | null>>

/** Scans after each edit, and holds together what was read and what was left unread. */
const scanAlong = async (edits: readonly Edit[]) => {
  const root = groundWith(files)
  const surface = surfaceOver(root)
  let last: Snapshot = await surface.collect(never)
  let held = last.items
  for (const edit of edits) {
    for (const [name, text] of Object.entries(edit)) {
      if (text === null) rmSync(join(root, name))
      else put(join(root, name), text)
    }
    const next = await surface.collect(never, last.stamps)
    held = [...next.items, ...held.filter(({ path }) => next.unchanged?.has(path) === true)]
    assert.deepEqual(idsOf(held), idsOf((await surfaceOver(root).collect(never)).items), JSON.stringify(edit))
    last = next
  }
  return { leftUnread: [...(last.unchanged ?? [])].map((path) => path.slice(root.length + 1)).toSorted() }
}

const included: Edit = { 'requirements-dev.txt': 'b\n-r requirements.txt\n' }
const constrained: Edit = { 'requirements-dev.txt': 'b\n-c requirements.txt\n' }
const alone: Edit = { 'requirements-dev.txt': 'b\n' }
const all = ['constraints.txt', 'requirements-dev.txt', 'requirements.txt']

const cases: readonly {
  readonly name: string
  readonly edits: readonly Edit[]
  readonly leftUnread: readonly string[]
}[] = [
  { name: 'nothing changed', edits: [{}], leftUnread: all },
  { name: 'one was edited', edits: [{ 'requirements.txt': 'a2\n' }], leftUnread: all.slice(0, 2) },
  { name: 'one includes another', edits: [included], leftUnread: ['constraints.txt'] },
  { name: 'and goes on to', edits: [included, {}], leftUnread: ['constraints.txt'] },
  { name: 'and no longer does', edits: [included, {}, alone], leftUnread: ['constraints.txt'] },
  { name: 'and all is as at first', edits: [included, alone, {}], leftUnread: all },
  { name: 'one constrains another', edits: [constrained], leftUnread: ['constraints.txt'] },
  { name: 'and no longer does', edits: [constrained, {}, alone, {}], leftUnread: all },
  {
    name: 'one that included is gone',
    edits: [constrained, { 'requirements-dev.txt': null }],
    leftUnread: ['constraints.txt'],
  },
  {
    name: 'two lead to a third',
    edits: [included, { 'constraints.txt': '-r requirements.txt\n' }, { ...alone, 'constraints.txt': 'c\n' }, {}],
    leftUnread: all,
  },
  {
    name: 'an included file that is found only so was edited',
    edits: [{ 'requirements.txt': '-r base.in\n' }, {}, { 'base.in': 'd2\n' }],
    leftUnread: all.slice(0, 2),
  },
  {
    name: 'an included file came and went',
    edits: [{ 'requirements.txt': '-r base.in\n', 'base.in': null }, { 'base.in': 'd\n' }, { 'base.in': null }],
    leftUnread: all.slice(0, 2),
  },
  {
    name: 'what was left unread begins to lead on while it is read after all',
    edits: [{ ...included, 'requirements.txt': '-r constraints.txt\n' }, {}],
    leftUnread: [],
  },
  { name: 'a file includes itself', edits: [{ 'requirements.txt': 'a\n-r requirements.txt\n' }, {}], leftUnread: all },
]
for (const { name, edits, leftUnread } of cases)
  test(`nothing is missed and nothing left over: ${name}, ${edits.length} edits`, async () =>
    assert.deepEqual(await scanAlong(edits), { leftUnread }))

test('a file told of as touched is read, and so is what it newly leads to', async () => {
  const root = groundWith(files)
  const surface = surfaceOver(root)
  const { stamps } = await surface.collect(never)
  const edited = join(root, 'requirements-dev.txt')
  put(edited, 'b\n-c requirements.txt\n')
  const { items, unchanged } = await surface.collect(never, stamps, new Set([edited]))
  assert.deepEqual(items.map(({ name, kind }) => `${kind} ${name}`).toSorted(), [
    'pythonConstraint a',
    'pythonDeclaredRequirement a',
    'pythonDeclaredRequirement b',
  ])
  assert.deepEqual([...(unchanged ?? [])], [join(root, 'constraints.txt')])
})

test('a scan that is stopped after the first of several included files opens no other and says why', async () => {
  const root = groundWith({ 'requirements.txt': '-r one.txt\n-r two.txt\n', 'one.txt': 'a\n', 'two.txt': 'b\n' })
  const stop = new AbortController()
  const gathering = createGathering({
    surface: 'pythonPackages',
    signal: stop.signal,
    realRoots: [root],
    known: new Map(),
    touched: undefined,
    nowMs: Date.now,
    issues: [],
    unseen: [],
  })
  const textOf: typeof gathering.textOf = async (file) => {
    const text = await gathering.textOf(file)
    if (file.path.endsWith('one.txt')) stop.abort(new Error('stopped'))
    return text
  }
  const file = { path: join(root, 'requirements.txt'), isLink: false, isNear: false }
  await assert.rejects(readRequirements(file, REQUIREMENT_KIND, { ...gathering, textOf }), /stopped/)
  assert.deepEqual(
    [...gathering.snapshot().items].map(({ name }) => name),
    ['a'],
  )
})
