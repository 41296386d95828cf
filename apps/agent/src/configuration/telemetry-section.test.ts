// The section says the bounds and classes of the contract, which it does not import.
// That wrong values are told with their place is tested in configuration.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AGENT_CLASSES, HEARTBEAT_INTERVAL } from '@muster/contract/device'
import { readConfiguration } from './configuration.ts'
import { readMachine } from './machine.ts'
import { Telemetry, telemetrySettings } from './telemetry-section.ts'

test('bounds, default and classes are those of the wire', () => {
  const { minSeconds, maxSeconds, defaultSeconds } = HEARTBEAT_INTERVAL
  assert.equal(Telemetry.parse({}).intervalSeconds, defaultSeconds)
  const takes = (intervalSeconds: number): boolean => Telemetry.safeParse({ intervalSeconds }).success
  assert.deepEqual([minSeconds - 1, minSeconds, maxSeconds, maxSeconds + 1].map(takes), [false, true, true, false])
  for (const agentClass of AGENT_CLASSES) assert.equal(Telemetry.parse({ agentClass }).agentClass, agentClass)
  assert.equal(Telemetry.safeParse({ agentClass: 'toaster' }).success, false)
})

test('without a file both planes run, and nothing is kept out of the facts', () => {
  const { planes, telemetry } = readConfiguration(null, readMachine({}))
  assert.deepEqual([planes, telemetry.exclusions], [['observe', 'telemetry'], { mounts: [], interfaces: [] }])
})

test('what the owner keeps out is kept out', () => {
  const said = Telemetry.parse({
    collect: { disks: { excludeMounts: ['/snap/*'] }, network: { excludeInterfaces: ['docker*'] } },
  })
  assert.deepEqual(telemetrySettings(said).exclusions, { mounts: ['/snap/*'], interfaces: ['docker*'] })
})
