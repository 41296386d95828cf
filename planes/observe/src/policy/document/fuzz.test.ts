// Proof that no text makes the pipeline throw: a kept corpus, mutations of it, and random bytes.
// Which fault a text has is not looked at here, only that the answer is well formed.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { BASE_VOCABULARY, PolicyFault } from '@muster/contract'
import * as fc from 'fast-check'
import { BASE_CAPABILITY } from '../bundle/capability.ts'
import { compileBundle } from '../bundle/compile.ts'
import { examinePolicy } from './examine.ts'
import { ERROR_CODES, WARNING_CODES } from './fault.ts'

const folder = new URL('./fixtures/', import.meta.url)
const corpus = readdirSync(folder)
  .sort()
  .map((name) => ({ name, text: readFileSync(new URL(name, folder)).toString('utf8') }))

const judging = { mayWidenScan: true, vocabulary: BASE_VOCABULARY }
const mostBytes = 65_536

const checkAnswer = (text: string): void => {
  const { document, errors, warnings } = examinePolicy(text.slice(0, mostBytes), judging)
  assert.equal(document === null, errors.length > 0)
  for (const fault of [...errors, ...warnings]) {
    const { code, path, line, column, message } = PolicyFault.parse(fault)
    assert.ok(
      [...ERROR_CODES, ...WARNING_CODES].some((known) => known === code),
      code,
    )
    assert.match(path, /^(?:\/|$)/)
    assert.ok(line >= 1 && column >= 1, `${code} at ${line}:${column}`)
    assert.ok(message.length > 0 && message.length < 2000)
  }
  if (document !== null) assert.doesNotThrow(() => JSON.parse(compileBundle(document, BASE_CAPABILITY).text))
}

const sound = ['json.yaml', 'whole.yaml']

for (const { name, text } of corpus)
  test(`corpus: ${name} is ${sound.includes(name) ? 'sound' : 'refused'}`, () => {
    checkAnswer(text)
    assert.equal(examinePolicy(text, judging).document !== null, sound.includes(name))
  })

test('nothing in the corpus reaches the prototype of all objects', () => {
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
})

test('random bytes never make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => checkAnswer(Buffer.from(bytes).toString('utf8'))),
    { numRuns: 200 },
  )
})

const ascii = fc.constantFrom(
  ...'{}[]:,-?&*!|>\'"%@`#~ \n\t\\'.split(''),
  'a',
  '0',
  '<<',
  '---\n',
  '...\n',
  ': ',
  '- ',
  '\0',
  'é',
  '😀',
)

test('texts made of what YAML gives meaning to never make it throw', () => {
  fc.assert(
    fc.property(fc.array(ascii, { maxLength: 400 }), (pieces) => checkAnswer(pieces.join(''))),
    { numRuns: 300 },
  )
})

const mutation = fc.record({ from: fc.nat(), length: fc.nat(40), insert: fc.array(ascii, { maxLength: 6 }) })

test('a corpus text with pieces cut out and put in never makes it throw', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...corpus),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      ({ text }, mutations) => {
        let mutated = text
        for (const { from, length, insert } of mutations) {
          const at = mutated.length === 0 ? 0 : from % mutated.length
          mutated = mutated.slice(0, at) + insert.join('') + mutated.slice(at + length)
        }
        checkAnswer(mutated)
      },
    ),
    { numRuns: 100 },
  )
})

const wholeText = corpus.find(({ name }) => name === 'whole.yaml')?.text ?? ''
const scalars = fc.constantFrom(
  '',
  '~',
  'true',
  '-1',
  '1e400',
  '[]',
  '{}',
  '"\\0"',
  '*x',
  '&x y',
  '!t z',
  "''",
  '[[]]',
  '[a, 1]',
)

test('any value of a whole policy replaced by another gives faults or a bundle, and never throws', () => {
  const values = [...wholeText.matchAll(/(?<=: )[^\n{}[\]|>]+$/gm)]
  assert.ok(values.length > 20)
  fc.assert(
    fc.property(fc.constantFrom(...values), scalars, (value, scalar) => {
      checkAnswer(wholeText.slice(0, value.index) + scalar + wholeText.slice(value.index + value[0].length))
    }),
  )
})
