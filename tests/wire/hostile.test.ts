// Bytes that no honest sensor sends: bombs, broken encodings, huge numbers, slow and half-open connections. The server
// answers each with a refusal or a verdict, goes on answering others, and never stands still. Text is hostile-text.test.ts.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { test } from 'node:test'
import type { ConnectionOptions } from 'node:tls'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { deviceInventory, readStatus } from '@muster/contract'
import { call } from '@muster/http'
import { openWire, requestBytes, type Wire, type WireReply } from '@muster/http/testing'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { commonGround, type Ground, until } from './ground.ts'
import { credentialOf, newKeyPair, type Sensor, wirePublicKey } from './sensor-client.ts'
import { itemEvent, mcpServer, npmItem } from './sensor-events.ts'
import { writeJson } from './sensor-json.ts'
import { envelopeOf } from './sensor-outbox.ts'
import { watchStandstill } from './standstill.ts'

const syncPath = '/api/sensor/v1/sync'
const mebibyte = 1024 * 1024

const papers = (ground: Ground, sensor: Sensor): ConnectionOptions => {
  const { certPem = '', keyPem = '' } = credentialOf(sensor.state(), sensor.keys) ?? {}
  return { ca: ground.ca, cert: certPem, key: keyPem }
}

const openAs = (ground: Ground, sensor: Sensor): Promise<Wire> =>
  openWire(ground.server.gateway?.port ?? 0, papers(ground, sensor))

const post = async (
  ground: Ground,
  sensor: Sensor,
  path: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<WireReply> => {
  const wire = await openAs(ground, sensor)
  wire.write(requestBytes('POST', path, body, headers))
  const reply = await wire.reply()
  wire.socket.destroy()
  return reply
}

const good = (sensor: Sensor, sequence: number) =>
  envelopeOf(sensor.identity().deviceId, sequence, itemEvent(npmItem(`good-${sequence}`, '1.0.0')))

/** A frame whose one event, or field, is this text as it stands. */
const frameWith = (sensor: Sensor, event: string): string => writeJson(sensor.frame(['@@'])).replace('"@@"', event)

const assertServes = async (sensor: Sensor): Promise<void> => {
  sensor.reconnect()
  assert.equal((await sensor.checkIn()).status, 200)
}

eachEngine((engine) => {
  const open = commonGround({ engine })

  test('nesting a hundred thousand deep is read or refused, wherever it stands', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const deep = 100_000
    const bombs = ['['.repeat(deep) + ']'.repeat(deep), `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`]
    for (const bomb of bombs) {
      for (const route of ['enroll', 'config', 'check-in', 'sync'] as const) {
        const { status } = await sensor.say(route, bomb)
        assert.ok(status === 400 || status === 413, `${route} ${status}`)
      }
      const carried = JSON.stringify(good(sensor, 1)).replace('{', `{"more":${bomb},`)
      for (const event of [carried, `{"eventId":"x","more":${bomb}}`]) {
        const { status, body } = await sensor.say('sync', frameWith(sensor, event))
        const verdicts = [...(body?.acceptedEvents ?? []), ...(body?.rejectedEvents ?? [])]
        assert.ok(status === 400 || (status === 200 && verdicts.length === 1), `${status}`)
      }
    }
    await assertServes(sensor)
  })

  test('a key given twice cannot make a device somebody else', async () => {
    const ground = await open()
    const [sensor, neighbour] = [await ground.enrolled(), await ground.enrolled()]
    const [own, other] = [sensor.identity().deviceId, neighbour.identity().deviceId]
    const frame = (first: string, second: string) =>
      writeJson(sensor.frame([good(sensor, 1)], { deviceId: undefined })).replace(
        '{',
        `{"deviceId":"${first}","deviceId":"${second}",`,
      )
    assert.equal((await sensor.say('sync', frame(own, other))).status, 403)
    assert.equal((await sensor.say('sync', frame(other, own))).status, 200)
    const query = { limit: '5' }
    const read = (id: string) => value(call(ground.server.owner, deviceInventory, { params: { id }, query }))
    assert.deepEqual([(await read(own)).items.length, (await read(other)).items.length], [1, 0])
    const polluted = frameWith(
      sensor,
      JSON.stringify(good(sensor, 2)).replace('{', '{"__proto__":{"eventId":"x"},"constructor":1,'),
    )
    assert.equal((await sensor.say('sync', polluted)).body?.acceptedEvents.length, 1)
  })

  const numbers = [
    '1e999',
    '-1e999',
    '9007199254740993',
    '-1',
    '0.1',
    '1e308',
    '123456789012345678901234567890',
    '-0',
    '00',
    '0x10',
    'NaN',
  ]
  test('numbers beyond reason are refused, and what is taken leaves the device as it was', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    for (const number of numbers) {
      for (const key of ['lastAckedLocalSequence', 'schemaVersion', 'syncBacklogEvents', 'syncBacklogBytes']) {
        const body = writeJson(sensor.frame([])).replace(new RegExp(`"${key}":\\d+`), `"${key}":${number}`)
        const { status } = await sensor.say('sync', body)
        assert.ok([200, 400, 422].includes(status), `${key} ${number}: ${status}`)
      }
      const event = JSON.stringify(good(sensor, 1)).replace('"localSequence":1', `"localSequence":${number}`)
      const { status, body } = await sensor.say('sync', frameWith(sensor, event))
      if (status === 200) assert.equal(body?.rejectedEvents[0]?.code, 'invalid_sequence', number)
      else assert.equal(status, 400, number)
    }
    for (const sequence of [2 ** 42 - 1, Number.MAX_SAFE_INTEGER]) {
      const { status, body } = await sensor.say('sync', sensor.frame([{ ...good(sensor, 1), localSequence: sequence }]))
      assert.deepEqual([status, body?.acceptedThroughLocalSequence], [200, 0])
    }
    const { body } = await sensor.say('sync', sensor.frame([good(sensor, 1)]))
    assert.deepEqual([body?.acceptedEvents.length, body?.acceptedThroughLocalSequence], [1, 1])
  })

  test('one event cannot hold the database: a formula of a hundred thousand kegs, a command line of a megabyte', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const brew = { ...npmItem('kegs', '1.0.0'), surface: 'homebrew' }
    const items = [
      { ...brew, version: Array.from({ length: 100_000 }, (_, at) => at).join(', ') },
      { ...brew, itemId: 'empty', version: ', '.repeat(500_000) },
      ...['"', "'", '\\', 'npx ', '{"', '--a=b ', '/'].map((unit) =>
        mcpServer(`m${unit}`, `npx ${unit.repeat(mebibyte / unit.length)}`),
      ),
      ...['npm', 'pnpm', 'yarn', 'bun', 'uv', 'pip'].map((origin) =>
        npmItem(`${origin}${'@/-'.repeat(100_000)}`, '1.0.0', { origin }),
      ),
    ]
    const bodies = items.map((item, at) =>
      writeJson(sensor.frame([envelopeOf(sensor.identity().deviceId, at + 1, itemEvent(item))])),
    )
    const standstill = watchStandstill()
    for (const body of bodies) assert.equal((await sensor.say('sync', body)).body?.acceptedEvents.length, 1)
    const longestMs = standstill.stop()
    assert.ok(longestMs < 500, `one turn of the event loop took ${longestMs} ms of processor time`)
    await assertServes(sensor)
  })

  test('many large bodies at once do not keep others waiting for ever', async () => {
    const ground = await open()
    const sensors = [await ground.enrolled(), await ground.enrolled(), await ground.enrolled(), await ground.enrolled()]
    const quick = await ground.enrolled()
    const detail = 'd'.repeat(4 * mebibyte)
    const bodies = sensors.map((sensor) =>
      writeJson(
        sensor.frame([envelopeOf(sensor.identity().deviceId, 1, itemEvent(npmItem('large', '1.0.0', { detail })))]),
      ),
    )
    const large = sensors.map((sensor, at) => sensor.say('sync', bodies[at]))
    for (let times = 0; times < 10; times += 1) assert.equal((await quick.checkIn()).status, 200)
    for (const { status } of await Promise.all(large)) assert.equal(status, 200)
  })
})

const open = commonGround()

test('bytes that are not UTF-8 are 400, and inside a payload refuse that event alone', async () => {
  const ground = await open()
  const sensor = await ground.enrolled()
  for (const bytes of [
    Buffer.of(0xff),
    Buffer.of(0xc3, 0x28),
    Buffer.of(0xed, 0xa0, 0x80),
    Buffer.of(0xf8, 0x88, 0x80, 0x80, 0x80),
  ]) {
    const [before = '', after = ''] = JSON.stringify(sensor.frame([], { sensorVersion: '@@' })).split('@@')
    const body = Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)])
    assert.equal((await sensor.say('sync', body)).status, 400)
    const { tenantId, deviceId } = sensor.identity()
    const [start = '', end = ''] = JSON.stringify({ tenantId, deviceId, currentGeneration: '@@' }).split('@@')
    assert.equal((await sensor.say('config', Buffer.concat([Buffer.from(start), bytes, Buffer.from(end)]))).status, 400)
  }
  const utf16 = Buffer.from(JSON.stringify(sensor.frame([])), 'utf16le')
  assert.equal((await sensor.say('sync', utf16)).status, 400)
  const marked = Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(JSON.stringify(sensor.frame([])))])
  assert.ok([200, 400].includes((await sensor.say('sync', marked)).status))
  await assertServes(sensor)
})

test('a compressed body is 415 before it is opened, on every route of either listener', async () => {
  const ground = await open()
  const sensor = await ground.enrolled()
  const bomb = Buffer.alloc(64 * mebibyte, 0x20)
  const packed = {
    gzip: gzipSync(bomb),
    deflate: deflateSync(bomb),
    br: brotliCompressSync(bomb),
    'gzip, gzip': gzipSync(gzipSync(bomb)),
  }
  for (const [encoding, bytes] of Object.entries(packed)) {
    for (const route of ['enroll', 'config', 'check-in', 'sync']) {
      const { status } = await post(ground, sensor, `/api/sensor/v1/${route}`, bytes, { 'content-encoding': encoding })
      assert.equal(status, 415, `${route} ${encoding}`)
    }
    const { url } = ground.server.api
    const headers = { 'content-encoding': encoding, authorization: `Bearer ${await ground.server.tokenOf('owner')}` }
    const reply = await fetch(`${url}/api/fleet/v1/inventory:search`, { method: 'POST', headers, body: bytes })
    assert.equal(reply.status, 415)
  }
  const plain = await post(ground, sensor, syncPath, JSON.stringify(sensor.frame([])), {
    'content-encoding': 'identity',
  })
  assert.equal(plain.status, 200)
})

test('a body over the limit is 413 by its announcement, and in chunks as soon as it is too much', async () => {
  const ground = await open()
  const sensor = await ground.enrolled()
  for (const [route, bytes] of [
    ['enroll', 70_000],
    ['config', 70_000],
    ['check-in', 70_000],
    ['sync', 17 * mebibyte],
  ] as const) {
    const wire = await openAs(ground, sensor)
    wire.write(requestBytes('POST', `/api/sensor/v1/${route}`, '', { 'content-length': String(bytes) }))
    assert.equal((await wire.reply()).status, 413, route)
    wire.socket.destroy()
  }
  const wire = await openAs(ground, sensor)
  wire.write(requestBytes('POST', '/api/sensor/v1/config', '', { 'transfer-encoding': 'chunked' }))
  const chunk = 'x'.repeat(8192)
  for (let times = 0; times < 10; times += 1) wire.write(`2000\r\n${chunk}\r\n`)
  assert.equal((await wire.reply()).status, 413)
  await wire.closed
  await assertServes(sensor)
})

test('headers without end are 431, and a head that is no HTTP is 400', async () => {
  const ground = await open()
  const sensor = await ground.enrolled()
  const long = await post(ground, sensor, syncPath, '{}', { 'x-long': 'x'.repeat(20_000) })
  assert.equal(long.status, 431)
  const many = Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`x-${at}`, 'y']))
  assert.equal((await post(ground, sensor, syncPath, '{}', many)).status, 431)
  const broken = [
    'hello\r\n\r\n',
    `POST ${syncPath} HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx`,
    `POST ${syncPath} HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    `POST ${syncPath}\u0000 HTTP/1.1\r\nhost: x\r\n\r\n`,
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ]
  for (const head of broken) {
    const wire = await openAs(ground, sensor)
    wire.write(head)
    assert.equal((await wire.reply()).status, 400, JSON.stringify(head))
    await wire.closed
  }
  await assertServes(sensor)
})

test('paths of every odd form find nothing and break nothing', async () => {
  const ground = await open()
  const sensor = await ground.enrolled()
  for (const path of [
    '/',
    '//',
    '/api/sensor/v1',
    '/api/sensor/v1/sync/..',
    '/%00',
    '/%',
    '/api/sensor/v2/sync',
    `/${'x/'.repeat(4000)}`,
    '/api/fleet/v1/devices',
    '*',
  ])
    assert.equal((await post(ground, sensor, path, '{}')).status, 404, path)
  const wire = await openAs(ground, sensor)
  wire.write(requestBytes('GET', syncPath))
  const { status, headers } = await wire.reply()
  assert.deepEqual([status, headers['allow']], [405, 'POST'])
  wire.socket.destroy()
})

test('the server answers others while hundreds of slow, silent and half-open connections are held', async () => {
  const ground = await open()
  const [sensor, slow] = [await ground.enrolled(), await ground.enrolled()]
  const port = ground.server.gateway?.port ?? 0
  const silent = Array.from({ length: 100 }, () => connectPlain({ port, host: '127.0.0.1' }))
  const halfHello = Array.from({ length: 50 }, () => {
    const socket = connectPlain({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write(Buffer.from('16030100', 'hex'))
    return socket
  })
  const halfOpen = Array.from({ length: 50 }, () =>
    connectPlain({ port, host: '127.0.0.1', allowHalfOpen: true }).end(),
  )
  for (const socket of [...silent, ...halfHello, ...halfOpen]) socket.on('error', () => undefined)
  await Promise.all(silent.map((socket) => once(socket, 'connect')))
  const wires = await Promise.all(Array.from({ length: 40 }, () => openAs(ground, slow)))
  for (const [at, wire] of wires.entries()) {
    if (at % 4 === 0) wire.write(`POST ${syncPath} HTT`)
    if (at % 4 === 1) wire.write(requestBytes('POST', syncPath, '{"device', { 'content-length': '5000' }))
    if (at % 4 === 2)
      wire.write(requestBytes('POST', syncPath, 'a\r\n{"deviceId\r\n', { 'transfer-encoding': 'chunked' }))
    if (at % 4 === 3) wire.socket.end(requestBytes('POST', syncPath, '', { 'content-length': '5000' }))
  }
  for (let times = 0; times < 5; times += 1) await assertServes(sensor)
  sensor.queue(itemEvent(npmItem('while-slow', '1.0.0')))
  assert.equal((await sensor.tick()).status, 200)
  for (const { socket } of wires) socket.destroy()
  for (const socket of [...silent, ...halfHello, ...halfOpen]) socket.destroy()
  await assertServes(sensor)
})

test('a caller who reads nothing of the reply, or leaves before it, harms nobody', async () => {
  const ground = await open()
  const sensor = await ground.enrolled()
  const events = Array.from({ length: 400 }, (_, at) => good(sensor, at + 1))
  const body = JSON.stringify(sensor.frame(events))
  for (let times = 0; times < 10; times += 1) {
    const wire = await openAs(ground, sensor)
    wire.socket.pause()
    wire.write(requestBytes('POST', syncPath, body))
    if (times % 2 === 0)
      await until(
        async () => wire.socket.writableLength,
        (unsent) => unsent === 0,
      )
    wire.socket.destroy()
  }
  await assertServes(sensor)
  const again = await sensor.say('sync', body)
  assert.equal(again.body?.acceptedEvents.length, 400)
})

test('enrolments of strangers by the hundred are refused one by one, and the rest goes on', async () => {
  const ground = await open()
  const sensor = await ground.enrolled()
  const host = { hostname: 'h', osVersion: 'o', hardwareModel: 'm', sensorVersion: 's' }
  const publicKey = wirePublicKey(newKeyPair().publicKey)
  const strangers = Array.from({ length: 20 }, () => ground.sensor())
  const knock = async (stranger: Sensor): Promise<readonly number[]> => {
    const statuses: number[] = []
    for (let times = 0; times < 10; times += 1)
      statuses.push((await stranger.say('enroll', { token: `met_${'x'.repeat(43)}`, publicKey, ...host })).status)
    return statuses
  }
  const statuses = (await Promise.all(strangers.map(knock))).flat()
  assert.ok(
    statuses.every((status) => status === 401 || status === 429),
    statuses.join(),
  )
  await assertServes(sensor)
  const { devices } = await value(call(ground.server.owner, readStatus, {}))
  assert.ok(devices.total > 0)
})
