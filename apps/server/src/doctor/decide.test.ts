// Proof of the doctor's thresholds.
// What it sees on a real machine is in main.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeClock, judgeExpiry, judgeNode, judgeSpace, judgeWall } from './decide.ts'

const nowMs = Date.UTC(2026, 5, 2)
const dayMs = 24 * 3600 * 1000
const mib = 1024 * 1024

const wall = { role: 'muster_tenant', stands: false, missing: [], ownedByAnother: false }

const cases = [
  { name: 'this Node', finding: judgeNode('26.0.0'), want: 'ok' },
  { name: 'an old Node', finding: judgeNode('24.9.1'), want: 'fail' },
  { name: 'much space', finding: judgeSpace(5000 * mib), want: 'ok' },
  { name: 'little space', finding: judgeSpace(500 * mib), want: 'warn' },
  { name: 'no space', finding: judgeSpace(5 * mib), want: 'fail' },
  { name: 'a fresh certificate', finding: judgeExpiry('x', nowMs + 90 * dayMs, nowMs, 'renew'), want: 'ok' },
  { name: 'a certificate near its end', finding: judgeExpiry('x', nowMs + 9 * dayMs, nowMs, 'renew'), want: 'warn' },
  { name: 'an expired certificate', finding: judgeExpiry('x', nowMs - dayMs, nowMs, 'renew'), want: 'fail' },
  { name: 'a wall', finding: judgeWall({ ...wall, stands: true }), want: 'ok' },
  { name: 'a wall that is made at the next start', finding: judgeWall(wall), want: 'ok' },
  { name: 'a wall that lacks its role', finding: judgeWall({ ...wall, missing: ['create role a'] }), want: 'warn' },
  { name: "another user's tables", finding: judgeWall({ ...wall, ownedByAnother: true }), want: 'fail' },
  { name: 'a right clock', finding: judgeClock(nowMs, nowMs - 1), want: 'ok' },
  { name: 'a clock from the past', finding: judgeClock(0, 0), want: 'fail' },
  { name: 'a clock behind its files', finding: judgeClock(nowMs, nowMs + dayMs), want: 'fail' },
]

for (const { name, finding, want } of cases)
  test(`${name}: ${want}`, () => {
    assert.equal(finding.standing, want)
    assert.equal(finding.fix === undefined, want === 'ok')
  })
