// Proof that heartbeats that follow each other are one entry with a count, whatever lies between the runs.
// Which rows there are is proved where they are written.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toIso } from '@muster/kernel'
import { presentTimeline, runKind } from './decide.ts'
import type { TimelineRow } from './store.ts'

const row = (entryNo: number, more: Partial<TimelineRow>): TimelineRow => ({
  entryNo,
  agentId: 'agt_1',
  atMs: entryNo * 1000,
  kind: runKind,
  detail: '',
  deviceNo: 1,
  heartbeatsBefore: null,
  lastBeforeMs: null,
  ...more,
})

test('runs end where the next begins, and the last one goes on', () => {
  const rows = [
    row(1, { kind: 'agent_enrolled', detail: 'The agent enrolled.', deviceNo: null }),
    row(2, { heartbeatsBefore: 0 }),
    row(9, { heartbeatsBefore: 7, lastBeforeMs: 8500, detail: 'hostname os_version' }),
    row(12, { kind: 'agent_state_changed', detail: 'The agent went from active to stale.', deviceNo: null }),
    row(13, { heartbeatsBefore: 8, lastBeforeMs: 9000 }),
  ]
  const shown = presentTimeline(rows, new Map([[1, { total: 20, lastMs: 30_000 }]]))
  assert.deepEqual(
    shown.map(({ kind, count, first_at, last_at }) => [kind, count, first_at, last_at]),
    [
      [runKind, 12, toIso(13_000), toIso(30_000)],
      ['agent_state_changed', 1, toIso(12_000), toIso(12_000)],
      [runKind, 1, toIso(9000), toIso(9000)],
      ['asset_updated', 1, toIso(9000), toIso(9000)],
      [runKind, 7, toIso(2000), toIso(8500)],
      ['agent_enrolled', 1, toIso(1000), toIso(1000)],
    ],
  )
  assert.equal(shown[3]?.text, 'Changed: hostname, os_version.')
})

test('runs of two agents of one asset do not end each other', () => {
  const rows = [row(1, { heartbeatsBefore: 0 }), row(2, { heartbeatsBefore: 0, deviceNo: 2, agentId: 'agt_2' })]
  const now = new Map([
    [1, { total: 4, lastMs: 9000 }],
    [2, { total: 5, lastMs: 9500 }],
  ])
  assert.deepEqual(
    presentTimeline(rows, now).map(({ agent_id, count }) => [agent_id, count]),
    [
      ['agt_2', 5],
      ['agt_1', 4],
    ],
  )
})
