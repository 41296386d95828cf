// Proof that the checked-in document is the contract's, that it is AsyncAPI 3, and that every topic is in it.
// That what is announced has the bodies described here is tested where it is announced.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import specs from '@asyncapi/specs'
import { OUTBOX_ENTRIES } from '@muster/contract'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { asyncApiDocument } from './asyncapi.ts'
import { asyncApiFile, asyncApiText } from './text.ts'

const root = join(import.meta.dirname, '..', '..', '..', '..')
const ajv = addFormats.default(new Ajv({ strict: false }))
// Their schema brings the one of JSON Schema with it.
const isAsyncApi = addFormats
  .default(new Ajv({ strict: false, meta: false, logger: false }))
  .compile(specs.schemas['3.0.0'] as object)

test('the checked-in document is what the contract says now (npm run generate)', () =>
  assert.equal(readFileSync(join(root, asyncApiFile), 'utf8'), asyncApiText()))

test('it is AsyncAPI 3, by the schema of its makers', () => {
  assert.equal(isAsyncApi(asyncApiDocument('1.0.0')), true, JSON.stringify(isAsyncApi.errors))
  assert.equal(isAsyncApi({ ...asyncApiDocument('1.0.0'), channels: [] }), false)
})

test('every topic is a channel with a message whose payload says what an entry is', () => {
  const { channels, components } = asyncApiDocument('1.0.0') as {
    channels: Record<string, unknown>
    components: { messages: Record<string, { payload: object }> }
  }
  assert.deepEqual(Object.keys(channels).toSorted(), Object.keys(OUTBOX_ENTRIES).toSorted())
  const { payload } = components.messages['device.heard_again'] as { payload: object }
  const isEntry = ajv.compile(payload)
  const entry = {
    tenantId: 'default',
    topic: 'device.heard_again',
    key: 'dev_1',
    createdAt: '2026-06-02T12:00:00.000Z',
    body: { deviceNo: 1 },
  }
  assert.equal(isEntry(entry), true, JSON.stringify(isEntry.errors))
  assert.equal(isEntry({ ...entry, topic: 'device.enrolled' }), false)
  assert.equal(isEntry({ ...entry, body: {} }), false)
})
