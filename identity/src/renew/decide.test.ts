// Who gets the next certificate, as a table.
// That it is issued, stored and told is tested in renew.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canRenew, decideRenew, mostAnHour, type RenewFacts } from './decide.ts'

const same: RenewFacts = {
  currentKeyFingerprint: 'a',
  askedKeyFingerprint: 'a',
  isProofGood: null,
  isKeyTaken: false,
  issuedInLastHour: 1,
}
const other: RenewFacts = { ...same, askedKeyFingerprint: 'b', isProofGood: true }

const cases: readonly { name: string; facts: RenewFacts; want: string }[] = [
  { name: 'the same key needs no proof', facts: same, want: 'same_key' },
  { name: 'nor does a bad proof of it matter', facts: { ...same, isProofGood: false }, want: 'same_key' },
  { name: 'a new key that proves itself', facts: other, want: 'new_key' },
  { name: 'a new key without a proof', facts: { ...other, isProofGood: null }, want: 'key_proof_invalid' },
  { name: 'a new key with a bad proof', facts: { ...other, isProofGood: false }, want: 'key_proof_invalid' },
  { name: 'a key that another device has', facts: { ...other, isKeyTaken: true }, want: 'key_taken' },
  { name: 'a loop is slowed down', facts: { ...same, issuedInLastHour: mostAnHour }, want: 'rate_limited' },
]
for (const { name, facts, want } of cases)
  test(`${name}: ${want}`, () => {
    const decided = decideRenew(facts)
    assert.equal(decided.ok ? decided.value : decided.refusal.code, want)
  })

test('only agents that say so renew by themselves', () => {
  assert.deepEqual(['muster-agent/0.1.0', 'koban-agent', 'muster-agent', 'x-muster-agent/1'].map(canRenew), [
    true,
    false,
    false,
    false,
  ])
})
