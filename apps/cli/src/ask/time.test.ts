// Proof that moments and spans are read as people mean them, and that anything else is not guessed at.
// Commands turn a null into a usage error.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMomentMs, parseSpanSeconds } from './time.ts'

const nowMs = Date.UTC(2026, 5, 2, 12)

const moments: readonly { text: string; want: number | null }[] = [
  { text: 'now', want: nowMs },
  { text: '2026-03-31', want: new Date(2026, 2, 31).getTime() },
  { text: '2026-03-31 14:05', want: new Date(2026, 2, 31, 14, 5).getTime() },
  { text: '2026-03-31T14:05:06', want: new Date(2026, 2, 31, 14, 5, 6).getTime() },
  { text: '2026-03-31T00:21:00Z', want: Date.UTC(2026, 2, 31, 0, 21) },
  { text: '2026-03-31T00:21:00.5+02:00', want: Date.UTC(2026, 2, 30, 22, 21, 0, 500) },
  { text: '3d', want: nowMs - 3 * 86_400_000 },
  { text: '2h ago', want: nowMs - 7_200_000 },
  { text: '2026-02-30', want: null },
  { text: '2026-13-01T00:00:00Z', want: null },
  { text: '12', want: null },
  { text: 'yesterday', want: null },
  { text: '', want: null },
]
for (const { text, want } of moments)
  test(`the moment "${text}" is ${want === null ? 'not understood' : 'understood'}`, () =>
    assert.equal(parseMomentMs(text, nowMs), want))

const spans: readonly { text: string; want: number | null }[] = [
  { text: '90', want: 90 },
  { text: '90s', want: 90 },
  { text: '15m', want: 900 },
  { text: '24h', want: 86_400 },
  { text: '7d', want: 604_800 },
  { text: '2 w', want: 1_209_600 },
  { text: '1.5h', want: null },
  { text: '-1h', want: null },
  { text: 'h', want: null },
]
for (const { text, want } of spans)
  test(`the span "${text}" is ${want === null ? 'not understood' : `${want} seconds`}`, () =>
    assert.equal(parseSpanSeconds(text), want))
