// Hostile bytes in the place of a protobuf payload: they are read or refused, quickly, and never throw.
// Which bytes are refused why is tested in the contract.
import assert from 'node:assert/strict'
import { decodePayload, encodePayload } from '@muster/contract'
import { bentFrom, fuzz, readCorpus, replay } from './fuzz.ts'

/** What was read can be written, and reads the same again. */
const check = (bytes: Buffer): void => {
  const read = decodePayload(bytes)
  if (read.ok) return assert.deepEqual(decodePayload(encodePayload(read.value)), read)
  assert.equal(read.refusal.code, 'invalid_payload')
  assert.ok((read.refusal.detail ?? '').length > 0)
}

replay('payload', check)
fuzz('payload', 'the corpus, bent', bentFrom(readCorpus('payload')), check)
