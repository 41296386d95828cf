// Proves that the rules about the README's tree see a folder too many, one too few, and one without a story.
// The house itself is checked in house.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkFeatures, checkPlan, checkTree, readTree } from './tree.ts'

const markdown = `# A house

\`\`\`
npm run up
\`\`\`

\`\`\`
muster/
├── edges/       what touches the world
│   └── http/    listeners:
│                gateway
└── kernel/      small words
\`\`\`
`
const lines = readTree(markdown)
const folders = ['edges', 'edges/http', 'edges/http/src', 'edges/http/src/gateway', 'kernel', 'kernel/src']

test('the tree is read with its nesting and its stories', () => {
  assert.deepEqual(lines, [
    { folder: 'edges', story: 'what touches the world' },
    { folder: 'edges/http', story: 'listeners: gateway' },
    { folder: 'kernel', story: 'small words' },
  ])
})

test('the tree is the disk', () => {
  assert.deepEqual(checkTree(lines, folders), [])
  assert.equal(checkTree(lines, [...folders, 'attic']).length, 1)
  assert.equal(checkTree(lines, [...folders, 'edges/storage']).length, 1)
  assert.equal(
    checkTree(
      lines,
      folders.filter((folder) => folder !== 'kernel'),
    ).length,
    1,
  )
  assert.equal(checkTree([{ folder: 'edges', story: '' }, ...lines.slice(1)], folders).length, 1)
  assert.equal(checkTree([], folders).length, 3)
})

test('the story of a room names its features', () => {
  assert.deepEqual(checkFeatures(lines, ['edges/http', 'kernel'], folders), [])
  assert.equal(checkFeatures(lines, ['edges/http'], [...folders, 'edges/http/src/raw']).length, 1)
  assert.deepEqual(checkFeatures(lines, ['edges/http'], [...folders, 'edges/http/src/testing']), [])
})

test('the plan knows every folder at the top, and every room of a hall', () => {
  assert.deepEqual(checkPlan(folders, ['edges/http', 'kernel']), [])
  assert.equal(checkPlan([...folders, 'lib'], ['edges/http', 'kernel']).length, 1)
  assert.equal(checkPlan([...folders, 'apps/web'], ['edges/http', 'kernel']).length, 1)
})
