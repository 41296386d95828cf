// What counts as a disk that takes no writes, and how often that is told.
// What the program does meanwhile is tests/chaos.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '@muster/kernel'
import { createTrouble, isTrouble, trouble } from './trouble.ts'

const fault = (said: Record<string, unknown>): Error => Object.assign(new Error('x'), said)

const cases: { name: string; fault: unknown; want: boolean }[] = [
  { name: 'a full disk', fault: fault({ errcode: 13 }), want: true },
  { name: 'an fsync that fails', fault: fault({ errcode: 1034 }), want: true },
  { name: 'a database that another holds', fault: fault({ errcode: 5 }), want: true },
  {
    name: 'a file that could not be written',
    fault: new Error('write', { cause: fault({ code: 'ENOSPC' }) }),
    want: true,
  },
  { name: 'what another process met', fault: trouble('it was full'), want: true },
  { name: 'a damaged database', fault: fault({ errcode: 11 }), want: false },
  { name: 'a statement that makes no sense', fault: fault({ errcode: 1 }), want: false },
  { name: 'a file that is not there', fault: fault({ code: 'ENOENT' }), want: false },
  { name: 'no error at all', fault: 'full', want: false },
]
for (const { name, fault: met, want } of cases)
  test(`${name} ${want ? 'may pass by itself' : 'does not pass by itself'}`, () => assert.equal(isTrouble(met), want))

test('it is told once when it begins, and once when everybody is well again', async () => {
  const told: string[] = []
  const log = createLog({ level: 'info', destination: { write: (line) => void told.push(JSON.parse(line).msg) } })
  const watch = createTrouble(log)
  assert.equal(watch.takeSuspicion(), false)
  for (const who of ['one', 'two', 'one']) watch.failed(who, trouble('full'))
  assert.equal(await watch.bear('three', () => Promise.reject(trouble('full'))), null)
  watch.over('one')
  watch.over('three')
  watch.over('nobody')
  assert.equal(told.length, 1)
  assert.equal(await watch.bear('two', async () => 7), 7)
  assert.deepEqual(told, ['disk takes no writes; going on until it does', 'disk takes writes again'])
  assert.deepEqual([watch.takeSuspicion(), watch.takeSuspicion()], [true, false])
  await assert.rejects(watch.bear('one', () => Promise.reject(fault({ errcode: 11 }))))
})
