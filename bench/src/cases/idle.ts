// Memory of connections that were used once and then kept, beside those of an empty handler.
// It is resident memory, so it counts what the collector of the runtime has not given back as well.
import { setTimeout as wait } from 'node:timers/promises'
import { startHandler } from '../bare/bare.ts'
import { readCredentials } from '../bare/listener-options.ts'
import type { Device } from '../fleet/fleet.ts'
import type { Target } from '../harness/server.ts'
import type { Row } from '../report/row.ts'
import { type Connection, openConnections } from '../wire/connection.ts'
import { inTurns } from '../wire/in-turns.ts'
import { askOnce, checkInRequest, checkOk } from './check-in.ts'
import type { Ground } from './ground.ts'

const warmConnections = 200
const settleMs = 5000

const connectAndCheckIn = async (target: Target, devices: readonly Device[]): Promise<readonly Connection[]> => {
  const connections = await openConnections(
    target,
    devices.map(({ papers }) => papers),
    16,
  )
  await inTurns(devices.length, 16, async (no) => {
    checkOk(await askOnce(connections[no] as Connection, checkInRequest(devices[no] as Device)))
  })
  return connections
}

/** Bytes of resident memory for each connection; some come and go before, so that the heap is not taken by surprise. */
const weigh = async (target: Target, devices: readonly Device[]): Promise<number> => {
  for (const connection of await connectAndCheckIn(target, devices.slice(0, warmConnections))) connection.close()
  await wait(settleMs)
  const before = target.residentBytes()
  const connections = await connectAndCheckIn(target, devices)
  await wait(settleMs)
  const after = target.residentBytes()
  for (const connection of connections) connection.close()
  return (after - before) / devices.length
}

export const runIdle = async (ground: Ground): Promise<readonly Row[]> => {
  const { server, devices, finish } = await ground.open(ground.scale.idle)
  ground.tell(`weighing ${devices.length} idle connections`)
  const mine = await weigh(server, devices)
  await finish()
  const target = await startHandler({ credentials: readCredentials(server.dataDir, server.ca), replyText: '{}' })
  const bare = await weigh(target, devices)
  await target.stop()
  return [
    {
      case: 'idle',
      what: 'idle kept mTLS connection',
      unit: ' KB',
      measured: mine / 1000,
      ceiling: { what: 'bare mTLS handler', value: bare / 1000 },
      bars: [{ of: 'measured', atMost: 110 }],
      notes: [`${devices.length} connections, each checked in once`],
    },
  ]
}
