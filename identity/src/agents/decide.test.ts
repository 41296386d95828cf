// Proof of the rules of an agent's life: steps, liveness, and silences that count only while somebody listened.
// What is stored and told is agents.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AGENT_STATES, type AgentLiveness, type AgentState } from '@muster/contract'
import fc from 'fast-check'
import {
  type AgentStep,
  agentLiveness,
  decideAgentStep,
  isStale,
  type Outage,
  outageBetween,
  silentMs,
  standingOf,
} from './decide.ts'

const allowed: Record<AgentStep, Partial<Record<AgentState, AgentState>>> = {
  approve: { pending: 'enrolled' },
  deny: { pending: 'revoked' },
  revoke: { pending: 'revoked', enrolled: 'revoked', active: 'revoked', stale: 'revoked', revoked: 'revoked' },
  reactivate: { stale: 'enrolled' },
}
for (const [step, turns] of Object.entries(allowed))
  for (const state of AGENT_STATES)
    test(`${step} of an agent that is ${state}: ${turns[state] ?? 'refused'}`, () => {
      const decided = decideAgentStep(state, step as AgentStep)
      assert.equal(decided.ok ? decided.value : undefined, turns[state])
    })

test('whatever its own state, an agent of a device that does not count is revoked', () => {
  for (const status of ['revoked', 'retired', 'merged'] as const) assert.equal(standingOf('active', status), 'revoked')
  assert.equal(standingOf('stale', 'active'), 'stale')
  assert.equal(standingOf('pending', undefined), 'pending')
})

const minute = 60_000
const day = 24 * 60 * minute
const livenesses: [number | null, AgentLiveness][] = [
  [null, 'never'],
  [0, 'online'],
  [3 * minute, 'online'],
  [3 * minute + 1, 'late'],
  [15 * minute, 'late'],
  [15 * minute + 1, 'offline'],
]
for (const [silence, want] of livenesses)
  test(`silent for ${silence} ms is ${want}`, () =>
    assert.equal(agentLiveness(silence === null ? null : day - silence, day), want))

test('a minute that was slow is no outage, and the first start is none', () => {
  assert.equal(outageBetween(undefined, day), undefined)
  assert.equal(outageBetween(0, 5 * minute), undefined)
  assert.deepEqual(outageBetween(0, 5 * minute + 1), { fromMs: 0, throughMs: 5 * minute + 1 })
})

test('time in which nobody listened is no silence', () => {
  const outages: Outage[] = [
    { fromMs: 0, throughMs: day },
    { fromMs: 3 * day, throughMs: 5 * day },
  ]
  assert.equal(silentMs(day / 2, 6 * day, outages), 3 * day)
  assert.equal(silentMs(4 * day, 6 * day, outages), day)
  assert.equal(silentMs(4 * day, 4.5 * day, outages), 0)
})

test('an outage of any length makes nobody staler, and never less than silent not at all', () => {
  const moment = fc.integer({ min: 0, max: 1000 })
  fc.assert(
    fc.property(moment, moment, moment, moment, (since, now, from, length) => {
      const silence = silentMs(since, now, [{ fromMs: from, throughMs: from + length }])
      return silence >= 0 && silence <= silentMs(since, now, [])
    }),
  )
})

const active = { state: 'active', enrolledMs: 0, lastSeenMs: day } as const
const cases: [string, Parameters<typeof isStale>, boolean][] = [
  ['heard within the limit', [active, 30, 31 * day, []], false],
  ['silent beyond the limit', [active, 30, 31 * day + 1, []], true],
  ['silent while the platform was down', [active, 30, 90 * day, [{ fromMs: 2 * day, throughMs: 89 * day }]], false],
  ['a tenant that never locks out', [active, 0, 900 * day, []], false],
  ['enrolled and not heard for a week', [{ ...active, state: 'enrolled', lastSeenMs: null }, 30, 7 * day, []], false],
  [
    'enrolled and not heard for longer',
    [{ ...active, state: 'enrolled', lastSeenMs: null }, 30, 7 * day + 1, []],
    true,
  ],
  ['stale already', [{ ...active, state: 'stale' }, 1, 900 * day, []], false],
  ['revoked', [{ ...active, state: 'revoked' }, 1, 900 * day, []], false],
]
for (const [name, facts, want] of cases) test(`${name}: ${want}`, () => assert.equal(isStale(...facts), want))
