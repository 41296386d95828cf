// Proof that every reason for not being ready is told.
// That a full disk or a closed listener is noticed is tested with a server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideReadiness } from './decide.ts'

const well = { isStopping: false, listeners: { gateway: true, api: true }, databaseFault: null }

test('a server that can do everything is ready', () =>
  assert.deepEqual(decideReadiness(well), { ready: true, reasons: [] }))

const cases = [
  { name: 'stopping', seen: { ...well, isStopping: true }, says: /stopping/ },
  { name: 'a closed listener', seen: { ...well, listeners: { gateway: false } }, says: /gateway listener/ },
  { name: 'a database without room', seen: { ...well, databaseFault: 'disk full' }, says: /no writes: disk full/ },
]

for (const { name, seen, says } of cases)
  test(`${name} is a reason`, () => {
    const { ready, reasons } = decideReadiness(seen)
    assert.equal(ready, false)
    assert.match(reasons.join(), says)
  })
