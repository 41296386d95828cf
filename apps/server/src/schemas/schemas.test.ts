// Proof that the checked-in schemas are the contract's, and that a validator that is not ours can use each of them.
// What a running server says is held against the contract in the flows.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { schemasFile, schemasText } from './text.ts'

const root = join(import.meta.dirname, '..', '..', '..', '..')

test('the checked-in schemas are what the contract says now (npm run generate)', () =>
  assert.equal(readFileSync(join(root, schemasFile), 'utf8'), schemasText()))

const ajv = addFormats.default(new Ajv2020({ strict: false }))
const document = JSON.parse(schemasText()) as { readonly $defs: Readonly<Record<string, unknown>> }
ajv.addSchema(document, 'muster')

test('every schema compiles', () => {
  const names = Object.keys(document.$defs)
  assert.ok(names.length > 0)
  for (const name of names) assert.ok(ajv.getSchema(`muster#/$defs/${name}`), name)
})

test('a sound error body passes and one with a key too many does not', () => {
  const validate = ajv.getSchema('muster#/$defs/ErrorBody')
  const error = { code: 'not_found', message: 'There is nothing here.', requestId: 'req_1' }
  assert.equal(validate?.({ error }), true)
  assert.equal(validate?.({ error: { ...error, code: 7 } }), false)
})
