// What needs somebody, as a table over one status.
// That it is shown and leads somewhere is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attentionsOf } from './decide.ts'

type Status = Parameters<typeof attentionsOf>[0]
const nowMs = Date.UTC(2026, 5, 2)
const calm: Status = {
  version: '1',
  serverTime: '',
  startedAt: '',
  database: { engine: 'sqlite', bytes: 1 },
  devices: {
    total: 3,
    byLiveness: { online: 3, idle: 0, offline: 0, dormant: 0 },
    refusingPolicy: 0,
    revoked: 0,
    goneDark: 0,
  },
  events: { stored: 1, deadLetters: 0, isExact: true, lastReceivedAt: null },
  openFindings: { info: 9, notable: 9, suspicious: 0, critical: 0 },
  policies: { defaultGeneration: null, published: 0 },
  authority: { current: 'ca', expiresAt: '2040-01-01T00:00:00.000Z', trusted: [] },
  certificatesExpiringSoon: 0,
  agentTokensEndingSoon: 0,
  diskFreeBytes: null,
}

const cases: readonly (readonly [name: string, change: Partial<Status>, want: readonly string[]])[] = [
  ['nothing', {}, []],
  [
    'findings, the worst first',
    { openFindings: { info: 0, notable: 0, suspicious: 2, critical: 1 } },
    ['1 critical finding is open', '2 suspicious findings are open'],
  ],
  [
    'one silent device before a certificate',
    { devices: { ...calm.devices, goneDark: 1 }, certificatesExpiringSoon: 1 },
    ['1 device fell silent after being heard every day', '1 device certificate ends within 60 days'],
  ],
  ['a token that ends', { agentTokensEndingSoon: 1 }, ['1 agent will fall silent: its token ends within 14 days']],
  ['a refused policy', { devices: { ...calm.devices, refusingPolicy: 2 } }, ['2 devices do not take the policy']],
  ['a full disk', { diskFreeBytes: 1 }, ['The disk of the server is almost full']],
  [
    'an authority that ends',
    { authority: { ...calm.authority, expiresAt: '2026-07-01T00:00:00.000Z' } },
    ['The device authority ends within 90 days; rotate it'],
  ],
]
for (const [name, change, want] of cases)
  test(`${name}: ${want.length}`, () =>
    assert.deepEqual(
      attentionsOf({ ...calm, ...change }, nowMs).map(({ text }) => text),
      want,
    ))
