// Proof that the chain is the published one and that every way of bending it is noticed at the right place.
// Chains in a database are tested with the history.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEntry, AuditStatement } from '@muster/contract'
import * as fc from 'fast-check'
import { type ChainPoint, entryOf, GENESIS, linkAfter } from './link.ts'
import { beginCheck, checkEntry, PURGE_ACTION, verifyChain } from './verify.ts'

const statement = (change: Partial<AuditStatement>): AuditStatement => ({
  tenantId: 'tenant_1',
  occurredAt: '2026-06-02T12:00:00.000Z',
  actor: { type: 'operator', id: 'opr_1' },
  action: 'device.revoked',
  target: { type: 'device', id: 'dev_1' },
  outcome: 'success',
  requestId: 'req_1',
  details: {},
  ...change,
})

const chainOf = (statements: readonly AuditStatement[], after: ChainPoint = GENESIS): AuditEntry[] =>
  linkAfter(after, statements).map(entryOf)

const count = 6
const good = chainOf(Array.from({ length: count }, (_, index) => statement({ requestId: `req_${index}` })))
const at = (seq: number): AuditEntry => good[seq - 1]!
const replaced = (seq: number, change: Partial<AuditEntry>): AuditEntry[] =>
  good.map((entry) => (entry.seq === seq ? { ...entry, ...change } : entry))

test('the hashes are those of fleet-product 17', () => {
  const published = [
    statement({
      action: 'policy.published',
      details: { generation: 'g1-0123456789ab' },
      target: { id: 'pol_1', type: 'policy' },
    }),
    statement({
      action: 'enrollment_token.issued',
      details: { maxUses: 1 },
      occurredAt: '2026-06-02T12:01:00.000Z',
      requestId: 'req_2',
      target: { id: 'ent_1', type: 'enrollmentToken' },
    }),
  ]
  assert.deepEqual(
    chainOf(published).map((entry) => entry.hash),
    [
      '5fd2bed0225851f91e3712b93c31fa7ba20508dc5c146091cd52e8cacfc9b5d8',
      'e6a0ec1a1abd5445dfd77d459d4396723189727e4b0cf7da8a015b0a05b12db8',
    ],
  )
})

test('an unbroken chain is good to its head', () => {
  const check = verifyChain(good)
  assert.deepEqual(
    { checked: check.checked, anchor: check.anchor, head: check.head, bad: check.bad },
    { checked: count, anchor: 'genesis', head: { seq: count, hash: at(count).hash }, bad: null },
  )
})

test('no entries are a good chain of none', () => {
  const check = verifyChain([])
  assert.deepEqual([check.checked, check.head, check.bad], [0, null, null])
})

const bent: readonly { name: string; entries: AuditEntry[]; bad: { seq: number; fault: string } }[] = [
  {
    name: 'an edited field is named',
    entries: replaced(3, { action: 'device.retired' }),
    bad: { seq: 3, fault: 'altered' },
  },
  {
    name: 'an edited detail is named',
    entries: replaced(2, { details: { added: 1 } }),
    bad: { seq: 2, fault: 'altered' },
  },
  { name: 'an edited hash is named', entries: replaced(4, { hash: at(5).hash }), bad: { seq: 4, fault: 'altered' } },
  { name: 'an added field is named', entries: replaced(5, { note: 'x' } as object), bad: { seq: 5, fault: 'altered' } },
  {
    name: 'text that no canonical form exists for is named',
    entries: replaced(3, { requestId: '\ud800' }),
    bad: { seq: 3, fault: 'altered' },
  },
  {
    name: 'an edit with its hash made anew breaks the next link',
    entries: good.flatMap((entry) =>
      entry.seq === 3 ? chainOf([statement({ requestId: 'forged' })], at(2)) : [entry],
    ),
    bad: { seq: 4, fault: 'unlinked' },
  },
  { name: 'a deleted entry is named', entries: good.toSpliced(2, 1), bad: { seq: 3, fault: 'missing' } },
  {
    name: 'a deleted first entry is named when the chain must begin there',
    entries: good.slice(1),
    bad: { seq: 1, fault: 'missing' },
  },
  {
    name: 'a run of deleted entries is named by its first',
    entries: good.toSpliced(1, 3),
    bad: { seq: 2, fault: 'missing' },
  },
  {
    name: 'two entries that changed places are named by the earlier',
    entries: [at(1), at(3), at(2), at(4)],
    bad: { seq: 2, fault: 'missing' },
  },
  { name: 'a repeated entry is named', entries: [at(1), at(2), at(2), at(3)], bad: { seq: 2, fault: 'repeated' } },
]

for (const { name, entries, bad } of bent) test(name, () => assert.deepEqual(verifyChain(entries, GENESIS).bad, bad))

test('a chain renumbered to hide a deletion does not hold', () => {
  const renumbered = good.toSpliced(2, 1).map((entry, index) => ({ ...entry, seq: index + 1 }))
  assert.deepEqual(verifyChain(renumbered).bad, { seq: 3, fault: 'altered' })
})

test('a part of a chain holds together, and nothing vouches for its beginning', () => {
  const check = verifyChain(good.slice(3))
  assert.deepEqual([check.checked, check.anchor, check.bad], [3, 'none', null])
  assert.deepEqual(check.origin, { seq: 3, hash: at(3).hash })
})

test('a part of a chain holds on to the place the caller knows, and to no other', () => {
  const known = { seq: 3, hash: at(3).hash }
  assert.equal(verifyChain(good.slice(3), known).anchor, 'known')
  assert.deepEqual(verifyChain(good.slice(3), { ...known, hash: at(2).hash }).bad, { seq: 4, fault: 'unlinked' })
})

test('a purge recorded in the chain vouches for where the rest begins', () => {
  const details = { throughSeq: 3, throughHash: at(3).hash }
  const purge = statement({ action: PURGE_ACTION, details })
  const rest = [...good.slice(3), ...chainOf([purge], at(count))]
  assert.equal(verifyChain(rest).anchor, 'purge')
  const elsewhere = statement({ action: PURGE_ACTION, details: { ...details, throughSeq: 2 } })
  assert.equal(verifyChain([...good.slice(3), ...chainOf([elsewhere], at(count))]).anchor, 'none')
})

test('what follows a bad entry does not make it good again', () => {
  let check = beginCheck()
  for (const entry of [...good.toSpliced(2, 1), ...good]) check = checkEntry(check, entry)
  assert.deepEqual(check.bad, { seq: 3, fault: 'missing' })
})

const details = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }), { maxKeys: 4 })

test('whatever was said links, however the chain was cut into appends', () => {
  fc.assert(
    fc.property(fc.array(fc.array(details, { maxLength: 4 }), { maxLength: 6 }), (appends) => {
      let point = GENESIS
      const entries: AuditEntry[] = []
      for (const said of appends) {
        const links = linkAfter(
          point,
          said.map((each) => statement({ details: each })),
        )
        entries.push(...links.map(entryOf))
        point = links.at(-1) ?? point
      }
      const exported = entries.map((entry) => JSON.parse(JSON.stringify(entry)) as AuditEntry)
      const check = verifyChain(exported, GENESIS)
      assert.deepEqual([check.bad, check.checked], [null, entries.length])
    }),
  )
})

test('any one entry taken out of the middle, or any two changed over, is found where it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: count - 1 }), fc.integer({ min: 1, max: count - 1 }), (one, other) => {
      assert.equal(verifyChain(good.toSpliced(one - 1, 1), GENESIS).bad?.seq, one)
      fc.pre(one !== other)
      const swapped = good.with(one - 1, at(other)).with(other - 1, at(one))
      assert.equal(verifyChain(swapped, GENESIS).bad?.seq, Math.min(one, other))
    }),
  )
})
