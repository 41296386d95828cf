// Proof of who may change what of a device, and that a timeline in pages is the timeline.
// What identity and the observe plane know is tested there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEntry } from '@muster/contract'
import { toIso } from '@muster/kernel'
import * as fc from 'fast-check'
import { decideChange, decideMeant, mergeTimeline, readCursor, writeCursor } from './decide.ts'

const changes = [
  { role: 'analyst', body: { tags: ['a'] }, allowed: true },
  { role: 'analyst', body: { tags: ['a'], owner: 'ann' }, allowed: false },
  { role: 'analyst', body: { owner: null }, allowed: false },
  { role: 'admin', body: { owner: 'ann', notes: '' }, allowed: true },
  { role: 'admin', scopes: ['devices:tag'], body: { owner: 'ann' }, allowed: false },
  { role: 'admin', scopes: ['devices:tag', 'devices:write'], body: { owner: 'ann' }, allowed: true },
] as const

for (const { role, scopes = null, body, allowed } of changes.map((one) => ({ scopes: null, ...one })))
  test(`${role}${scopes === null ? '' : ` with ${scopes.join(', ')}`} ${allowed ? 'may' : 'may not'} change ${Object.keys(body).join(' and ')}`, () =>
    assert.equal(
      decideChange({ role, scopes, groupNos: null }, {
        ...body,
        ...('tags' in body ? { tags: [...body.tags] } : {}),
      } as never).ok,
      allowed,
    ))

const meants = [
  { name: 'ids', meant: { ids: ['dev_1'] }, allowed: true },
  { name: 'a filter', meant: { filter: { tag: 'sold' } }, allowed: true },
  { name: 'a filter that leaves nothing out', meant: { filter: {} }, allowed: false },
] as const
for (const { name, meant, allowed } of meants)
  test(`${name} ${allowed ? 'names' : 'does not name'} what is revoked`, () =>
    assert.equal(decideMeant('ids' in meant ? { ids: [...meant.ids] } : meant).ok, allowed))

const entryAt = (atMs: number): AuditEntry => ({
  seq: atMs,
  tenantId: 'default',
  occurredAt: toIso(atMs),
  actor: { type: 'system', id: 'x' },
  action: 'device.changed',
  target: { type: 'device', id: 'dev_1' },
  outcome: 'success',
  requestId: '',
  details: {},
  prevHash: '',
  hash: '',
})

const textAt = (seenMs: number) => ({ seenMs, hostname: 'h', osVersion: '', hardwareModel: '', sensorVersion: '' })

test('pages of a timeline, put together, hold every line once and newest first', () => {
  const times = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 30 })
  fc.assert(
    fc.property(times, times, fc.integer({ min: 1, max: 7 }), (entryTimes, textTimes, limit) => {
      const entries = entryTimes.toSorted((left, right) => right - left).map(entryAt)
      const texts = textTimes.map(textAt)
      const lines: string[] = []
      let beforeMs: number | null = null
      for (let start = 0; ; start += limit) {
        const page = entries.slice(start, start + limit)
        const isLast = start + limit >= entries.length
        lines.push(...mergeTimeline({ entries: page, isLast, texts, beforeMs }).map(({ at }) => at))
        if (isLast) break
        beforeMs = Date.parse(page.at(-1)?.occurredAt ?? '')
      }
      const want = [...entryTimes, ...textTimes].toSorted((left, right) => right - left).map(toIso)
      assert.deepEqual(lines, want)
    }),
  )
})

test('a cursor reads back as written, and another text is refused', () => {
  const cursor = { audit: 'c2VxIDQ', beforeMs: 1234 }
  const read = readCursor(writeCursor(cursor))
  assert.deepEqual(read.ok && read.value, cursor)
  assert.equal(readCursor('nonsense').ok, false)
})
