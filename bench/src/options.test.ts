// Proof of what the command line can say.
// What a case does with it is its own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CASES } from './cases/cases.ts'
import { readOptions } from './options.ts'

const read = (...args: readonly string[]) => {
  const options = readOptions(args)
  assert.notEqual(options, 'help')
  return options as Exclude<typeof options, 'help'>
}

test('without a word everything runs at full scale', () => {
  const { cases, scaleName } = read()
  assert.deepEqual(cases, Object.keys(CASES))
  assert.equal(scaleName, 'full')
})

test('cases run in their own order, however they are named', () => {
  assert.deepEqual(read('--case', 'search', '--case', 'check-in').cases, ['check-in', 'search'])
})

test('seconds replace those of the scale', () => {
  assert.equal(read('--scale', 'small', '--seconds', '7').scale.seconds, 7)
})

const wrong: { name: string; args: readonly string[]; says: RegExp }[] = [
  { name: 'a case that is not there', args: ['--case', 'sleep'], says: /no case sleep; there are check-in/ },
  { name: 'a scale that is not there', args: ['--scale', 'huge'], says: /full or small, not huge/ },
  { name: 'seconds that are none', args: ['--seconds', 'long'], says: /at most 3600/ },
  { name: 'too many seconds', args: ['--seconds', '3601'], says: /at most 3600/ },
  { name: 'an unknown flag', args: ['--fast'], says: /--fast/ },
]
for (const { name, args, says } of wrong)
  test(`${name} is said in one sentence`, () => assert.throws(() => read(...args), says))

test('help is help', () => assert.equal(readOptions(['-h']), 'help'))
