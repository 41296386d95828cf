// The axios incident as an operator meets it a month later (fleet-product 10.5, 17 and 19): devices of every fate land in
// the right one of five verdicts, before and after raw events are gone, in the API and in a terminal, on both databases.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTerminal, type Terminal } from '@muster/cli/testing'
import { type BodyOf, deviceEvents, listDevices, type ReplyOf, searchInventory, VERDICTS } from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { type Ground, openGround, until } from '../wire/ground.ts'
import type { Sensor } from '../wire/sensor-client.ts'
import { deliver, itemEvent, npmItem } from '../wire/sensor-events.ts'
import type { SensorItem } from '../wire/sensor-payload.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

// The public reports: npm axios 1.14.1 and 0.30.4 and plain-crypto-js 4.2.1, for about three hours; 4.2.0 was clean. The
// day is moved so that certificates made for this run are valid in it.
const windowMs = { from: Date.now() - 40 * dayMs, to: Date.now() - 40 * dayMs + 174 * minuteMs }
const window = { from: new Date(windowMs.from).toISOString(), to: new Date(windowMs.to).toISOString() }
const bad = {
  axios: npmItem('axios', '1.14.1'),
  old: npmItem('axios', '0.30.4'),
  crypto: npmItem('plain-crypto-js', '4.2.1'),
}
const nested = npmItem('build-kit/node_modules/axios', '1.14.1')

interface Fate {
  readonly verdict: (typeof VERDICTS)[number]
  readonly reason?: string
}

/** Every device of the fleet, by what happened on it. */
const fates: Readonly<Record<string, Fate>> = {
  'open since the window': { verdict: 'present' },
  'open, nested below another package': { verdict: 'present' },
  'open since before the window': { verdict: 'present' },
  'open, and in its first scan': { verdict: 'present' },
  'open, and dark since': { verdict: 'present_unconfirmed' },
  'closed within the window': { verdict: 'past' },
  'closed days after the window': { verdict: 'past' },
  'the older version, closed by an update': { verdict: 'past' },
  'closed before the window': { verdict: 'not_observed' },
  'opened after the window, and closed': { verdict: 'not_observed' },
  'clean, with the versions beside it': { verdict: 'not_observed' },
  'clean, and dark since the window ended': { verdict: 'not_observed' },
  'dark before the window': { verdict: 'unknown', reason: 'no_contact_in_window' },
  'without a first scan': { verdict: 'unknown', reason: 'surface_partial' },
  'first scanned after the window': { verdict: 'unknown', reason: 'scanned_after_window' },
  'without a word': { verdict: 'unknown', reason: 'surface_none' },
  'enrolled after the window began': { verdict: 'unknown', reason: 'enrolled_after_window' },
}

eachEngine((engine) => {
  let offsetMs = 0
  let ground: Ground
  let terminal: Terminal
  const sensors = new Map<string, Sensor>()
  const clock = { nowMs: () => Date.now() + offsetMs }
  const setClock = (atMs: number): void => {
    offsetMs = atMs - Date.now()
  }

  const sensorOf = (name: string): Sensor => {
    const sensor = sensors.get(name)
    assert.ok(sensor !== undefined && name in fates, name)
    return sensor
  }
  const enrol = async (...names: readonly string[]): Promise<void> => {
    for (const hostname of names) sensors.set(hostname, await ground.enrolled({ hostname }))
  }
  /** What a later scan saw: it observes a moment after it collected. */
  const change = async (name: string, atMs: number, kind: 'added' | 'removed', ...items: readonly SensorItem[]) => {
    setClock(atMs)
    const when = { observedAtMs: atMs, collectedAtMs: atMs - 5 }
    await deliver(
      sensorOf(name),
      items.map((item) => itemEvent(item, kind, when)),
    )
  }
  const baseline = async (name: string, atMs: number, ...items: readonly SensorItem[]) => {
    setClock(atMs)
    const found = [npmItem('left-pad', '1.3.0'), ...items]
    await deliver(
      sensorOf(name),
      found.map((item) => itemEvent(item, 'added', { observedAtMs: atMs })),
    )
  }

  const before10 = windowMs.from - 10 * dayMs
  const inside = (minutes: number): number => windowMs.from + minutes * minuteMs

  const live = async (): Promise<void> => {
    setClock(before10)
    await enrol(...Object.keys(fates).filter((name) => name !== 'enrolled after the window began'))
    for (const name of Object.keys(fates)) {
      const speaks = !/without|enrolled after|first scan/.test(name)
      if (speaks) await baseline(name, before10)
    }
    await baseline('open, and in its first scan', before10, bad.axios)
    await change('without a first scan', before10, 'added', npmItem('left-pad', '1.3.0'))
    await change('open since before the window', before10 + dayMs, 'added', bad.axios)
    await change('closed before the window', before10 + 2 * dayMs, 'added', bad.axios)
    await change('closed before the window', before10 + 3 * dayMs, 'removed', bad.axios)
    await change('open since the window', inside(20), 'added', bad.axios, bad.crypto)
    await change('open, nested below another package', inside(30), 'added', nested)
    await change('open, and dark since', inside(40), 'added', bad.axios)
    await change('closed within the window', inside(25), 'added', bad.axios, bad.crypto)
    await change('closed within the window', inside(120), 'removed', bad.axios, bad.crypto)
    await change('closed days after the window', inside(60), 'added', bad.axios)
    await change('the older version, closed by an update', inside(70), 'added', bad.old)
    await change(
      'clean, with the versions beside it',
      inside(80),
      'added',
      npmItem('axios', '1.14.0'),
      npmItem('plain-crypto-js', '4.2.0'),
    )
    await change('the older version, closed by an update', inside(100), 'removed', bad.old)
    await change('the older version, closed by an update', inside(100), 'added', npmItem('axios', '0.30.5'))
    setClock(windowMs.to + minuteMs)
    assert.equal((await sensorOf('clean, and dark since the window ended').checkIn()).status, 200)
    await change('closed days after the window', windowMs.to + 2 * dayMs, 'removed', bad.axios)
    await change('opened after the window, and closed', windowMs.to + 3 * dayMs, 'added', bad.axios)
    await change('opened after the window, and closed', windowMs.to + 4 * dayMs, 'removed', bad.axios)
    await baseline('first scanned after the window', windowMs.to + 5 * dayMs)
    await enrol('enrolled after the window began')
    await baseline('enrolled after the window began', windowMs.to + 5 * dayMs)
    setClock(windowMs.to + 30 * dayMs)
    const alive = Object.keys(fates).filter((name) => !/dark/.test(name))
    for (const name of alive) assert.equal((await sensorOf(name).checkIn()).status, 200)
    // Contacts are written once a second; the answers compared below say how lively each device is.
    await until(
      () => value(call(ground.server.owner, listDevices, { query: { limit: '200' } })),
      ({ items }) => items.filter(({ liveness }) => liveness === 'online').length === alive.length,
    )
  }

  before(async () => {
    setClock(before10)
    ground = await openGround({ engine, clock, argv: ['--retention-events', '7'] })
    await live()
    const { server } = ground
    const env = { MUSTER_URL: server.api.url, MUSTER_TOKEN: await server.tokenOf('analyst') }
    terminal = createTerminal({ env, clock })
  })
  after(() => ground?.close())

  const ask = (body: BodyOf<typeof searchInventory>): Promise<ReplyOf<typeof searchInventory>> =>
    value(call(ground.server.owner, searchInventory, { body: { verdicts: [...VERDICTS], limit: 200, ...body } }))
  const incident = { ecosystem: 'npm', names: ['axios'], versions: ['1.14.1', '0.30.4'], window } as const
  const asked = { ...incident, names: [...incident.names], versions: [...incident.versions] }

  const assertFates = (found: ReplyOf<typeof searchInventory>): void => {
    const verdicts = found.items.map((hit) => [hit.hostname, hit.verdict, hit.unknownReason ?? undefined])
    const wanted = Object.entries(fates).map(([name, { verdict, reason }]) => [name, verdict, reason])
    assert.deepEqual(new Set(verdicts), new Set(wanted))
    assert.equal(verdicts.length, wanted.length)
    const counts = Object.fromEntries(
      VERDICTS.map((verdict) => [verdict, wanted.filter(([, said]) => said === verdict).length]),
    )
    assert.deepEqual(found.verdicts, counts)
  }

  test('every device lands in its verdict, and all five are counted', async () => {
    const found = await ask(asked)
    assertFates(found)
    assert.deepEqual(found.totals, { devicesMatched: 8, presentNow: 5, pastOnly: 3 })
    assert.deepEqual(found.versions.map(({ version, devices }) => `${version}: ${devices}`).toSorted(), [
      '0.30.4: 1',
      '1.14.1: 7',
    ])
    assert.match(found.notes.join(' '), /lockfiles.*global installs/i)
  })

  test('intervals say from when to when, and a first scan says "at or before"', async () => {
    const { items } = await ask({ ...asked, verdicts: ['present', 'past'] })
    const intervalOf = (name: string) =>
      items
        .find(({ hostname }) => hostname === name)
        ?.intervals.map(({ from, to, fromKind, toKind }) => ({ from, to, fromKind, toKind }))
    const iso = (atMs: number): string => new Date(atMs).toISOString()
    const opened = { fromKind: 'change', from: iso(inside(20)), to: null, toKind: null }
    assert.deepEqual(intervalOf('open since the window'), [opened])
    assert.deepEqual(intervalOf('open, and in its first scan'), [
      { ...opened, from: iso(before10), fromKind: 'baseline' },
    ])
    assert.deepEqual(intervalOf('closed within the window'), [
      { fromKind: 'change', from: iso(inside(25)), to: iso(inside(120)), toKind: 'removed' },
    ])
  })

  test('a typed question, a range and the second package find the same devices', async () => {
    const devicesOf = async (body: BodyOf<typeof searchInventory>): Promise<readonly string[]> =>
      (await ask({ ...body, window, verdicts: ['present', 'present_unconfirmed', 'past'] })).items
        .map(({ hostname }) => hostname)
        .toSorted()
    const withOne = Object.entries(fates)
      .filter(([name, { verdict }]) => /present|past/.test(verdict) && !name.includes('older'))
      .map(([name]) => name)
      .toSorted()
    for (const q of ['axios@1.14.1', 'pkg:npm/axios@1.14.1', 'npm:axios@>1.14.0 <1.15.0'])
      assert.deepEqual(await devicesOf({ q }), withOne, q)
    assert.deepEqual(await devicesOf({ q: 'plain-crypto-js@4.2.1' }), [
      'closed within the window',
      'open since the window',
    ])
    assert.deepEqual(await devicesOf({ q: 'plain-crypto-js@4.2.0' }), ['clean, with the versions beside it'])
  })

  test('without a window the question is about now', async () => {
    const { window: _, ...now } = asked
    const found = await ask(now)
    const matched = found.items.filter(({ verdict }) => verdict !== 'not_observed' && verdict !== 'unknown')
    assert.deepEqual(
      matched.map(({ hostname, verdict }) => `${verdict}: ${hostname}`).toSorted(),
      Object.entries(fates)
        .filter(([, { verdict }]) => verdict.startsWith('present'))
        .map(([name, { verdict }]) => `${verdict}: ${name}`)
        .toSorted(),
    )
  })

  test('a terminal shows the counts, and lists who could not say with the reason', async () => {
    const words = ['search', 'axios@1.14.1', '--from', window.from, '--to', window.to]
    const shown = await terminal.run(...words)
    assert.equal(shown.code, 0, shown.err)
    for (const verdict of VERDICTS) assert.match(shown.out, new RegExp(`^ +\\d+ +${verdict} `, 'm'))
    assert.match(shown.err, /5 could not say/)
    const unknown = await terminal.run(...words, '--verdict', 'unknown')
    for (const reason of [
      /in contact during the window/,
      /never had a full scan/,
      /nothing received/,
      /enrolled after the window began/,
      /first scanned after the window began/,
    ])
      assert.match(unknown.out, reason)
    const everyone = await terminal.json(...words, '--all')
    assert.equal(everyone.items.length, Object.keys(fates).length)
  })

  test('the answer is the same once raw events have been purged', async () => {
    const { server } = ground
    const params = { id: sensorOf('closed within the window').identity().deviceId }
    const events = async () => (await value(call(server.owner, deviceEvents, { params, query: {} }))).items.length
    assert.ok((await events()) > 0)
    const words = ['search', 'axios@1.14.1', '--from', window.from, '--to', window.to, '--all']
    const [found, shown] = [await ask(asked), await terminal.json(...words)]
    await server.retention.run()
    assert.equal(await events(), 0)
    const again = await ask(asked)
    assertFates(again)
    assert.deepEqual(again.items, found.items)
    assert.deepEqual(await terminal.json(...words), shown)
  })
})
