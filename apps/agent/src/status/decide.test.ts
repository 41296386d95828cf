// What status says, as tables: freshness to the millisecond, the conversation's states in their order, and the verdict.
// That the command reads them from a real database is tested in main.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SyncFacts, shownState, syncState, type VerdictFacts, verdictOf } from './decide.ts'

const surfaces: { name: string; state: 'idle' | 'healthy' | 'degraded'; ago: number | null; want: string }[] = [
  { name: 'scanned a moment ago', state: 'healthy', ago: 0, want: 'healthy' },
  { name: 'exactly at its age', state: 'healthy', ago: 900_000, want: 'healthy' },
  { name: 'a millisecond older', state: 'healthy', ago: 900_001, want: 'stale' },
  { name: 'never a success', state: 'healthy', ago: null, want: 'stale' },
  { name: 'degraded long ago', state: 'degraded', ago: 9_000_000, want: 'degraded' },
  { name: 'not scanned yet', state: 'idle', ago: null, want: 'idle' },
]
for (const { name, state, ago, want } of surfaces)
  test(`a surface that is ${want}: ${name}`, () =>
    assert.equal(shownState({ state, succeededMs: ago === null ? null : 1e12 - ago }, 900, 1e12), want))

const delivered = { waitingEvents: 0, rejectedEvents: 0, lastDeliveredAt: '2026-01-01T00:00:00.000Z' }
const member: SyncFacts = { server: 'https://s', deviceId: 'dev_1', outbox: delivered }
const syncs: { want: string; facts: SyncFacts }[] = [
  { want: 'off', facts: { ...member, server: null } },
  { want: 'not enrolled', facts: { ...member, deviceId: null } },
  { want: 'failing', facts: { ...member, outbox: { ...delivered, waitingEvents: 3, rejectedEvents: 1 } } },
  { want: 'syncing', facts: { ...member, outbox: { ...delivered, waitingEvents: 3 } } },
  { want: 'never synced', facts: { ...member, outbox: { ...delivered, lastDeliveredAt: null } } },
  { want: 'never synced', facts: { ...member, outbox: null } },
  { want: 'up to date', facts: member },
]
for (const { want, facts } of syncs)
  test(`a conversation that is ${want}: ${JSON.stringify(facts.outbox)}`, () => assert.equal(syncState(facts), want))

const at = (state: VerdictFacts['surfaces'][number]['state'], surface = 'homebrew') => ({ surface, state })
const verdicts: { want: string; facts: VerdictFacts }[] = [
  { want: 'starting', facts: { surfaces: [], findings: { critical: 1 } } },
  { want: 'starting', facts: { surfaces: [at('degraded'), at('idle')], findings: {} } },
  {
    want: 'degraded: homebrew, piConfig',
    facts: { surfaces: [at('degraded'), at('stale'), at('degraded', 'piConfig')], findings: { critical: 1 } },
  },
  {
    want: 'findings: 2 critical, 3 suspicious, 1 notable, 9 info',
    facts: { surfaces: [at('healthy')], findings: { info: 9, suspicious: 3, notable: 1, critical: 2 } },
  },
  { want: 'all clear', facts: { surfaces: [at('stale')], findings: {} } },
]
for (const { want, facts } of verdicts)
  test(`the verdict is "${want}" with ${facts.surfaces.map(({ state }) => state).join() || 'nothing'}`, () =>
    assert.equal(verdictOf(facts), want))
