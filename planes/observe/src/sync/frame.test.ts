// Proof that a frame is read as long as a batch could look like it, and refused before it costs everybody's time.
// What stands in the frame is decided in decide.test.ts; whole requests are sync.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { syncBodyBytes } from '@muster/contract'
import { maxDecidedEvents, readFrame } from './frame.ts'

const speaker = { tenantId: 'default', deviceId: 'dev_1' }
const head = '{"deviceId":"dev_1","sensorVersion":"x","schemaVersion":1,"lastAckedLocalSequence":0'
const tail = '"health":{"syncBacklogEvents":0,"syncBacklogBytes":0}}'
const frame = (events: string, more = ''): Uint8Array => Buffer.from(`${head},"events":${events}${more},${tail}`)

const event = JSON.stringify({
  ...Object.fromEntries(Array.from({ length: 13 }, (_, at) => [`key${at}`, `2026-06-09T08:15:30.${at}Z`])),
  payload: 'A'.repeat(2000),
})
const roomBytes = syncBodyBytes - 1000

const frames: readonly { readonly name: string; readonly body: () => Uint8Array; readonly read: boolean }[] = [
  { name: 'one event as large as a body may be', body: () => frame(`["${'A'.repeat(roomBytes)}"]`), read: true },
  {
    name: 'as many events as are decided, with fourteen members each',
    body: () => frame(`[${new Array(maxDecidedEvents).fill(event).join(',')}]`),
    read: true,
  },
  { name: 'a small frame of nothing but numbers', body: () => frame(`[${'0,'.repeat(200_000)}0]`), read: true },
  { name: 'millions of numbers', body: () => frame(`[${'0,'.repeat(roomBytes / 2)}0]`), read: false },
  { name: 'millions of objects', body: () => frame(`[${'{},'.repeat(roomBytes / 3)}0]`), read: false },
  {
    name: 'lists in lists without end',
    body: () => frame('['.repeat(roomBytes / 2) + ']'.repeat(roomBytes / 2)),
    read: false,
  },
  {
    name: 'a million members',
    body: () => frame('[]', Array.from({ length: 1_000_000 }, (_, at) => `,"${at}":0`).join('')),
    read: false,
  },
]

for (const { name, body, read } of frames)
  test(`${name}: ${read ? 'read' : 'refused'}`, () => {
    const said = readFrame(body(), speaker)
    assert.equal(said.ok ? 'read' : said.refusal.code, read ? 'read' : 'request_malformed')
  })
