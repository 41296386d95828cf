// Proof that the facade answers every operator route of the telemetry wire, and no other.
// What each answers is tested on the wire, in tests/wire.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { telemetryOperatorRoutes } from '@muster/contract'
import { serveFacade } from './operators.ts'

test('the served routes are those of the contract', () => {
  // Handlers are paired with their routes and never asked here, so they need no rooms.
  const served = serveFacade({} as never).map(({ route }) => route)
  assert.deepEqual(new Set<unknown>(served), new Set<unknown>(Object.values(telemetryOperatorRoutes)))
  assert.equal(served.length, Object.keys(telemetryOperatorRoutes).length)
})
