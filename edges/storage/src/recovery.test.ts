// Proves that the store says busy while the disk or the server is away, and goes on by itself afterwards.
// Losing the whole process is a matter for the chaos tests.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { isStoreBusy } from './faults.ts'
import { openStorage, type Storage } from './open.ts'
import { createTestPlace, eachEngine, openTestStorage } from './testing.ts'
import { createThing, insertThings, thingRoom, unitsModule } from './thing.fixture.ts'

const put = (storage: Storage, name: string, bytes = 10): Promise<number> =>
  storage.write((tx) => insertThings(tx, [createThing(name, { body: new Uint8Array(bytes) })]))

const names = async (storage: Storage): Promise<readonly string[]> =>
  (await storage.db.selectFrom('thing').select('event_id').orderBy('thing_no').execute()).map((row) => row['event_id'])

/** Puts things until one is refused, and answers which ones were not. */
const fill = async (storage: Storage): Promise<readonly string[]> => {
  const stored: string[] = []
  for (;;) {
    const name = `filling ${stored.length}`
    try {
      await put(storage, name, 20_000)
      stored.push(name)
    } catch (error) {
      assert.ok(isStoreBusy(error), String(error))
      return stored
    }
  }
}

test('a full database says busy, keeps what it acknowledged, and goes on once there is room', async () => {
  const storage = await openTestStorage('sqlite', [thingRoom], { units: [unitsModule] })
  const limitPages = (pages: number) =>
    storage.write((tx) => sql`pragma max_page_count = ${sql.lit(pages)}`.execute(tx))
  await limitPages(100)
  const stored = await fill(storage)
  assert.ok(stored.length > 5)
  await assert.rejects(put(storage, 'no room', 20_000), isStoreBusy)
  const roundTrip = storage.unit<readonly object[], unknown>('roundTrip')
  await assert.rejects(roundTrip([createThing('no room either', { body: new Uint8Array(20_000) })]), isStoreBusy)
  assert.deepEqual(await names(storage), stored)
  await limitPages(100_000)
  await put(storage, 'room again', 20_000)
  await roundTrip([createThing('beside too', { body: new Uint8Array(20_000) })])
  assert.deepEqual(await names(storage), [...stored, 'room again', 'beside too'])
  await storage.close()
})

test('a disk that refuses writes says busy, and the connection is opened anew once it takes them', async () => {
  const place = await createTestPlace('sqlite')
  // The shell's limit on the size of files makes the kernel refuse the log's growth with an input/output error.
  const program = fileURLToPath(new URL('./recovery.fixture.ts', import.meta.url))
  const script = `ulimit -S -f 1200 && exec "$0" "$1" "$2"`
  const child = spawn('sh', ['-c', script, process.execPath, program, place.url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const said = createInterface(child.stdout)[Symbol.asyncIterator]()
  const first = JSON.parse((await said.next()).value ?? '{}')
  assert.equal(first.busy, true)
  assert.ok(first.stored.length > 5)
  assert.deepEqual(first.held, first.stored)
  const lift = spawn('prlimit', ['--pid', String(child.pid), '--fsize=unlimited'], { stdio: 'inherit' })
  assert.deepEqual(await once(lift, 'exit'), [0, null])
  child.stdin.end('go on\n')
  const then = JSON.parse((await said.next()).value ?? '{}')
  assert.deepEqual(then.held, [...first.stored, 'well again'])
  assert.deepEqual(await once(child, 'exit'), [0, null])
  const storage = await openStorage({ url: place.url, rooms: [thingRoom] })
  assert.deepEqual(await names(storage), then.held)
  await storage.close()
  await place.remove()
})

const pagesOfLog = async (storage: Storage): Promise<number> => {
  const { rows } = await sql<{ log: number }>`pragma wal_checkpoint(noop)`.execute(storage.db)
  return rows[0]?.log ?? Number.NaN
}

test('a log begins anew while writes go on, long before the writer would have to copy all of it', async () => {
  let copied = false
  const onSample = (name: string): void => void (copied ||= name === 'checkpoint_ms')
  const storage = await openTestStorage('sqlite', [thingRoom], { onSample })
  for (let index = 0; !copied; index++) await put(storage, `large ${index}`, 1_000_000)
  await put(storage, 'small')
  assert.ok((await pagesOfLog(storage)) < 4000)
  await storage.close()
})

test('a store that is closed while its log is copied loses nothing', async () => {
  const place = await createTestPlace('sqlite')
  const samples: string[] = []
  const onSample = (name: string): void => void samples.push(name)
  const storage = await openStorage({ url: place.url, rooms: [thingRoom], onSample })
  for (let index = 0; index < 40; index++) await put(storage, `large ${index}`, 1_000_000)
  await storage.close()
  assert.ok(!samples.includes('checkpoint_failed'))
  const reopened = await openStorage({ url: place.url, rooms: [thingRoom] })
  assert.equal((await names(reopened)).length, 40)
  await reopened.close()
  await place.remove()
})

/** A server's door that can be shut, with everybody inside thrown out, and opened again. */
const createDoor = async (host: string, port: number) => {
  const inside = new Set<Socket>()
  const pass = (caller: Socket): void => {
    const callee = connect(port, host)
    for (const [from, to] of [
      [caller, callee],
      [callee, caller],
    ] as const) {
      inside.add(from)
      from.on('error', () => to.destroy()).on('close', () => to.destroy())
      from.pipe(to)
    }
  }
  const open = async (at: number): Promise<Server> => {
    const server = createServer(pass).listen(at, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  let server = await open(0)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the door has no port')
  return {
    port: address.port,
    async shut() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of inside) socket.destroy()
      inside.clear()
      await closed
    },
    async reopen() {
      server = await open(address.port)
    },
  }
}

/** By then a client has heard of it that its connection ended. */
const longNoticedMs = 500

eachEngine((engine) => {
  if (engine === 'sqlite') return

  test('while the server is away the store says busy, and works again without a restart', async () => {
    const place = await createTestPlace(engine)
    const url = new URL(place.url)
    const door = await createDoor(url.hostname, Number(url.port || 5432))
    url.host = `127.0.0.1:${door.port}`
    const storage = await openStorage({ url: url.href, rooms: [thingRoom], units: [unitsModule] })
    await put(storage, 'before')
    const cut = storage.write(async (tx) => {
      await insertThings(tx, [createThing('lost')])
      await door.shut()
      await insertThings(tx, [createThing('lost too')])
    })
    await assert.rejects(cut, isStoreBusy)
    await assert.rejects(put(storage, 'away'), isStoreBusy)
    await assert.rejects(names(storage), isStoreBusy)
    await assert.rejects(storage.unit('store')({ eventId: 'away' }), isStoreBusy)
    await door.reopen()
    await put(storage, 'after')
    assert.equal(await storage.unit('store')({ eventId: 'beside' }), 'beside stored')
    assert.deepEqual(await names(storage), ['before', 'after', 'beside'])
    await storage.close()
    await door.shut()
    await place.remove()
  })

  for (const [when, noticed] of [
    ['while it works', async () => {}],
    ['while it rests', () => wait(longNoticedMs)],
  ] as const) {
    test(`a session the server ends ${when} takes its transaction along, and no later statement runs outside of one`, async () => {
      const storage = await openTestStorage(engine, [thingRoom], { poolSize: 2 })
      const killed = storage.write(async (tx) => {
        await insertThings(tx, [createThing('killed')])
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
        await sql`select pg_terminate_backend(${rows[0]?.pid}::int)`.execute(storage.db)
        await noticed()
        await insertThings(tx, [createThing('stray')]).catch(() => {})
        await insertThings(tx, [createThing('stray too')])
      })
      await assert.rejects(killed, isStoreBusy)
      await put(storage, 'after')
      assert.deepEqual(await names(storage), ['after'])
      await storage.close()
    })
  }

  test('of two transactions that block each other both get through', async () => {
    const storage = await openTestStorage(engine, [thingRoom])
    await storage.write((tx) => insertThings(tx, [createThing('left'), createThing('right')]))
    const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    const touch = (first: string, then: string, mine: 0 | 1) =>
      storage.write(async (tx) => {
        await tx.updateTable('thing').set({ note: first }).where('event_id', '=', first).execute()
        both[mine].resolve()
        await both[1 - mine]?.promise
        await tx.updateTable('thing').set({ note: first }).where('event_id', '=', then).execute()
      })
    await Promise.all([touch('left', 'right', 0), touch('right', 'left', 1)])
    const notes = await storage.db.selectFrom('thing').select('note').execute()
    assert.equal(new Set(notes.map((row) => row['note'])).size, 1)
    await storage.close()
  })

  test('who waits too long for a connection is told that the store is busy', async () => {
    const storage = await openTestStorage(engine, [thingRoom], { poolSize: 1, limitMs: 60_000 })
    await storage.write(async () => {
      await assert.rejects(put(storage, 'queued'), /no connection became free/)
    })
    await storage.close()
  })
})
