// A server under as many batches of events as it takes, and the same rows inserted by a bare loop beside it.
// What is in the batches is events/; every reply is held against what was sent. What comes of it is sync.ts.
import { startInserts } from '../bare/bare.ts'
import { type BatchPlan, createBatches, inventLockfiles } from '../events/bodies.ts'
import { createDice } from '../events/dice.ts'
import { inventEverything, inventNames } from '../events/packages.ts'
import { stockUp } from '../events/stock.ts'
import type { Device } from '../fleet/fleet.ts'
import { leadInSeconds, measureInSlices, type Side, saturated, secondsInSlices } from '../harness/in-slices.ts'
import { costOf, type Measured } from '../harness/measure.ts'
import type { Server } from '../harness/server.ts'
import type { Traffic } from '../wire/closed-loop.ts'
import { type Connection, openConnection, openConnections, type Reply } from '../wire/connection.ts'
import { askOnce, checkOk } from './check-in.ts'
import type { Ground } from './ground.ts'

interface Loading {
  readonly traffic: Traffic
  readonly payloadBytes: number
}

/** Batches for everyone, ready to be sent; made before the clock runs. */
const prepare = (devices: readonly Device[], plan: BatchPlan, events: number): Loading => {
  const dice = createDice(2)
  const names = inventNames()
  const perDevice = Math.ceil(events / plan.eventsPerBatch / devices.length)
  const stocks = devices.map((device) => {
    const batches = createBatches(device, inventLockfiles(device, names, dice), plan)
    return stockUp(Array.from({ length: perDevice }, () => batches.next().value))
  })
  const [first] = stocks
  if (first === undefined) throw new Error('there is no device to send anything')
  const sent = devices.map(() => 0)
  return {
    payloadBytes: first.payloadBytes / plan.eventsPerBatch,
    traffic: {
      next: (index) => stocks[index]?.at((sent[index] as number)++),
      check: (index, reply) => checkReply(reply, (sent[index] as number) * plan.eventsPerBatch),
    },
  }
}

const checkReply = (reply: Reply, lastSequence: number): void => {
  checkOk(reply)
  const wanted = `{"acceptedThroughLocalSequence":${lastSequence},`
  if (reply.body.toString('latin1', 0, wanted.length) !== wanted)
    throw new Error(`a batch was not accepted: ${reply.body.toString().slice(0, 300)}`)
}

/** How many events shared a transaction, on average. */
const eventsPerCommit = async (server: Server, eventsPerBatch: number): Promise<number> => {
  const sum = await server.metric('muster_batch_size_sum{batch="sync_group_requests"}')
  const count = await server.metric('muster_batch_size_count{batch="sync_group_requests"}')
  return (sum / count) * eventsPerBatch
}

export interface Flood {
  readonly server: Server
  readonly side: Side
  readonly connections: readonly Connection[]
  readonly loading: Loading
  readonly perCommit: number
  finish({ window }: Measured): Promise<void>
}

/** Lets one device report every package there is, so that what follows is a fleet that knows its packages. */
const introduce = async (server: Server, device: Device, detailed: boolean): Promise<void> => {
  const everything = inventEverything(inventNames())
  const eventsPerBatch = 500
  const plan = { eventsPerBatch, detailed }
  const lockfile = { next: () => ({ path: '/srv/everything/package-lock.json', packages: everything }) }
  const batches = createBatches(device, lockfile, plan)
  const connection = await openConnection(server, device.papers)
  for (let sent = 0; sent < everything.length; sent += eventsPerBatch) {
    const batch = batches.next().value
    checkReply(await askOnce(connection, batch.request), batch.lastSequence)
  }
  connection.close()
}

/** A server that takes all it can already. `mostPerSecond`: more events than that; `more`: seconds of it to spare. */
export const flood = async (
  ground: Ground,
  count: number,
  plan: BatchPlan,
  { mostPerSecond, more }: { readonly mostPerSecond: number; readonly more: number },
): Promise<Flood> => {
  const { server, devices: all, finish } = await ground.open(count + 1)
  const [first, ...devices] = all as readonly [Device, ...Device[]]
  const { warmUpSeconds } = ground.scale
  ground.tell('introducing every package')
  await introduce(server, first, plan.detailed)
  ground.tell(`preparing batches of ${plan.eventsPerBatch}`)
  const loading = prepare(devices, plan, mostPerSecond * (warmUpSeconds + secondsInSlices(ground.scale) + more))
  const connections = await openConnections(
    server,
    devices.map(({ papers }) => papers),
  )
  ground.tell(`sending batches of ${plan.eventsPerBatch}`)
  const side = saturated(server, connections, loading.traffic)
  await side.run({ warmUpSeconds, seconds: leadInSeconds })
  return {
    server,
    side,
    connections,
    loading,
    perCommit: await eventsPerCommit(server, plan.eventsPerBatch),
    finish({ window }) {
      side.close()
      return finish(window)
    },
  }
}

const mostRowsPerSecond = 400_000

/** Slices of the flood and of a bare loop that commits as many rows at a time. */
export const besideInserts = async (
  { scale, scratch, tell }: Ground,
  { side, loading, connections }: Flood,
  rowsPerTransaction: number,
): Promise<readonly [Measured, Measured]> => {
  const inserts = await startInserts({
    file: scratch.fresh('inserts'),
    rowsPerTransaction,
    payloadBytes: Math.round(loading.payloadBytes),
    devices: connections.length,
    maxRows: mostRowsPerSecond * secondsInSlices(scale),
  })
  tell(`beside inserts, ${rowsPerTransaction} a commit`)
  const inserting: Side = {
    target: inserts,
    async run({ warmUpSeconds, seconds }) {
      await inserts.insert(warmUpSeconds)
      let rows = 0
      const cost = await costOf(inserts, async () => {
        rows = await inserts.insert(seconds)
      })
      return { ...cost, requests: rows, latenciesMs: [] }
    },
  }
  const both = await measureInSlices(side, inserting, { ...scale, warmUpSeconds: 0 })
  await inserts.stop()
  return both
}
