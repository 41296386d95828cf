// Refused attempts in the audit history: at once, then counted by the minute, and bounded under a crowd.
// Who notes a refusal is the listeners' business.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AuditStatement } from '@muster/contract'
import { createFakeClock, silentLog } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { openTestStorage } from '@muster/storage/testing'
import { createRefusalNotes, type RefusalNote } from './refusals.ts'

let storage: Storage
before(async () => {
  storage = await openTestStorage('sqlite', [])
})
after(() => storage.close())

const open = () => {
  const told: AuditStatement[] = []
  const clock = createFakeClock()
  const audit = async (_tx: unknown, statements: readonly AuditStatement[]) => void told.push(...statements)
  return { told, clock, notes: createRefusalNotes({ storage, audit, clock, log: silentLog }) }
}
const attempt = (id: string, attempted = 'policies:publish'): RefusalNote => ({
  tenantId: 't',
  actor: { type: 'operator', id },
  attempted,
  code: 'role_insufficient',
  requestId: 'req_1',
})
const countsOf = (told: readonly AuditStatement[]) => told.map(({ details }) => details['count'])

test('a caller may have its refusals counted for longer than a minute', async () => {
  const { told, clock, notes } = open()
  for (let turn = 0; turn < 3; turn++) notes.note({ ...attempt('agt_1'), countedForMs: 600_000 })
  clock.advance(599_999)
  await notes.flush('due')
  assert.deepEqual(countsOf(told), [1])
  clock.advance(1)
  await notes.flush('due')
  assert.deepEqual(countsOf(told), [1, 2])
})

test('the first attempt is told at once, the rest of the minute as one count', async () => {
  const { told, clock, notes } = open()
  for (let turn = 0; turn < 5; turn++) notes.note(attempt('ada'))
  await notes.flush('due')
  assert.deepEqual(countsOf(told), [1])
  clock.advance(60_000)
  await notes.flush('due')
  assert.deepEqual(countsOf(told), [1, 4])
  notes.note(attempt('ada'))
  await notes.flush('due')
  assert.deepEqual(countsOf(told), [1, 4, 1])
})

test('actors and attempts are counted apart', async () => {
  const { told, notes } = open()
  notes.note(attempt('ada'))
  notes.note(attempt('bob'))
  notes.note(attempt('ada', 'devices:write'))
  await notes.flush('all')
  assert.deepEqual(countsOf(told), [1, 1, 1])
})

test('what is still held is told when the room closes', async () => {
  const { told, notes } = open()
  notes.note(attempt('ada'))
  notes.note(attempt('ada'))
  await notes.flush('all')
  assert.deepEqual(countsOf(told), [1, 1])
})

test('a crowd is counted together, and nobody is lost', async () => {
  const { told, notes } = open()
  for (let turn = 0; turn < 3000; turn++) notes.note(attempt(`stranger ${turn}`))
  await notes.flush('all')
  assert.equal(
    countsOf(told).reduce<number>((sum, count) => sum + Number(count), 0),
    3000,
  )
  assert.ok(told.length <= 1003)
})
