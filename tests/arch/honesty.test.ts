// Proves that the rules of honesty see what they forbid.
// The house itself is checked in house.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPromises, checkSkips } from './honesty.ts'
import { readSource } from './source.ts'

const skips: readonly (readonly [code: string, complaints: number])[] = [
  [`test('a', () => {})`, 0],
  [`test('a', { timeout: 1 }, () => {})`, 0],
  [`query.skip(1)`, 0],
  [`test.only('a', () => {})`, 1],
  [`describe.skip('a', () => {})`, 1],
  [`it.todo('a')`, 1],
  [`test('a', { skip: true }, () => {})`, 1],
  [`test('a', { todo: process.env.CI }, () => {})`, 1],
  [`test('a', (t) => { t.skip() })`, 1],
]
for (const [code, complaints] of skips)
  test(`${complaints === 0 ? 'runs' : 'leaves out'}: ${code}`, () => {
    assert.equal(checkSkips([readSource('a.test.ts', code)]).length, complaints)
  })

test('promises are seen in comments and in prose, not in data', () => {
  const promise = ['TO', 'DO'].join('')
  assert.equal(checkPromises([readSource('a.ts', `// ${promise}: more\nconst a = 1 /* ${promise} */`)], []).length, 2)
  assert.equal(checkPromises([], [{ path: 'a.md', text: `fine\n${promise} later` }])[0]?.startsWith('a.md:2 '), true)
  assert.deepEqual(checkPromises([readSource('a.ts', `const list = '${promise}'`)], []), [])
})
