// Proof of which replies are waited for, and for how long.
// That the waiting happens, and the request comes again, is proved in patience.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Asking, decideWait } from './decide.ts'

const nowMs = Date.UTC(2026, 5, 1)
const asked: Asking = { status: 429, retryAfter: '3', repeatable: false, nowMs, waitedMs: 0 }

const cases: readonly { name: string; asking: Partial<Asking>; want: number | null }[] = [
  { name: 'too many requests, in seconds', asking: {}, want: 3000 },
  { name: 'too many requests, at once', asking: { retryAfter: '0' }, want: 1000 },
  {
    name: 'too many requests, until a moment',
    asking: { retryAfter: new Date(nowMs + 9000).toUTCString() },
    want: 9000,
  },
  { name: 'until a moment that is past', asking: { retryAfter: new Date(nowMs - 9000).toUTCString() }, want: 1000 },
  { name: 'a header that says nothing', asking: { retryAfter: 'soon' }, want: null },
  { name: 'no header', asking: { retryAfter: undefined }, want: null },
  { name: 'busy, a request that may be repeated', asking: { status: 503, repeatable: true }, want: 3000 },
  { name: 'busy, one that may not', asking: { status: 503 }, want: null },
  { name: 'a good reply', asking: { status: 200, repeatable: true }, want: null },
  { name: 'a defect', asking: { status: 500, repeatable: true }, want: null },
  { name: 'the last wait that fits', asking: { waitedMs: 117_000 }, want: 3000 },
  { name: 'one that does not', asking: { waitedMs: 117_001 }, want: null },
  { name: 'a server that wants an hour', asking: { retryAfter: '3600' }, want: null },
]

for (const { name, asking, want } of cases)
  test(`${name}: ${want === null ? 'is not waited for' : `is waited for ${want} ms`}`, () => {
    assert.equal(decideWait({ ...asked, ...asking }), want)
  })
