// Batches of events, large and small, beside rows of the same kind inserted by a bare loop.
// What is in the batches is events/; every reply is held against what was sent.
import { runInserts } from '../bare/bare.ts'
import { type Batch, type BatchPlan, createBatches, inventLockfiles } from '../events/bodies.ts'
import { createDice } from '../events/dice.ts'
import { inventEverything, inventNames } from '../events/packages.ts'
import type { Device } from '../fleet/fleet.ts'
import { type Measured, ratesOf, saturate } from '../harness/measure.ts'
import type { Server } from '../harness/server.ts'
import type { Row } from '../report/row.ts'
import type { Traffic } from '../wire/closed-loop.ts'
import { type Connection, openConnection, openConnections, type Reply } from '../wire/connection.ts'
import { percentile } from '../wire/latency.ts'
import { runOpenLoop } from '../wire/open-loop.ts'
import { askOnce, checkOk } from './check-in.ts'
import type { Ground } from './ground.ts'

const shareOfMaximum = 0.8

interface Loading {
  readonly traffic: Traffic
  readonly payloadBytes: number
}

/** Batches for everyone, ready to be sent; made before the clock runs. */
const prepare = (devices: readonly Device[], plan: BatchPlan, events: number): Loading => {
  const dice = createDice(2)
  const names = inventNames()
  const perDevice = Math.ceil(events / plan.eventsPerBatch / devices.length)
  const batches = devices.map((device) => {
    const batches = createBatches(device, inventLockfiles(device, names, dice), plan)
    return Array.from({ length: perDevice }, () => batches.next().value)
  })
  const [first] = batches.flat()
  if (first === undefined) throw new Error('there is no device to send anything')
  const sent = devices.map(() => 0)
  return {
    payloadBytes: first.payloadBytes / plan.eventsPerBatch,
    traffic: {
      next: (index) => batches[index]?.[(sent[index] as number)++]?.request,
      check: (index, reply) => checkReply(reply, batches[index]?.[(sent[index] as number) - 1] as Batch),
    },
  }
}

const checkReply = (reply: Reply, { lastSequence }: Batch): void => {
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

interface Flood {
  readonly server: Server
  readonly measured: Measured
  readonly connections: readonly Connection[]
  readonly loading: Loading
  readonly perCommit: number
  finish(): Promise<void>
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
    checkReply(await askOnce(connection, batch.request), batch)
  }
  connection.close()
}

/** `mostPerSecond`: more events than the server takes, so that the load never runs out; `more`: seconds of it to spare. */
const flood = async (
  ground: Ground,
  count: number,
  plan: BatchPlan,
  { mostPerSecond, more }: { readonly mostPerSecond: number; readonly more: number },
): Promise<Flood> => {
  const { server, devices: all, finish } = await ground.open(count + 1)
  const [first, ...devices] = all as readonly [Device, ...Device[]]
  const { seconds, warmUpSeconds } = ground.scale
  ground.tell('introducing every package')
  await introduce(server, first, plan.detailed)
  ground.tell(`preparing batches of ${plan.eventsPerBatch}`)
  const loading = prepare(devices, plan, mostPerSecond * (seconds + warmUpSeconds + more))
  const connections = await openConnections(
    server,
    devices.map(({ papers }) => papers),
  )
  ground.tell(`sending batches of ${plan.eventsPerBatch}`)
  const measured = await saturate(server, connections, loading.traffic, ground.scale)
  return {
    server,
    measured,
    connections,
    loading,
    perCommit: await eventsPerCommit(server, plan.eventsPerBatch),
    finish() {
      for (const connection of connections) connection.close()
      return finish(measured.window)
    },
  }
}

const insertBare = async (ground: Ground, loading: Loading, rowsPerTransaction: number, devices: number) =>
  runInserts({
    file: ground.scratch.fresh('inserts'),
    rowsPerTransaction,
    payloadBytes: Math.round(loading.payloadBytes),
    devices,
    seconds: ground.scale.seconds,
    maxRows: 400_000 * ground.scale.seconds,
  })

const rowOf = (flooded: Flood, plan: BatchPlan, name: string): Omit<Row, 'bars' | 'ceiling'> => {
  const { measured, perCommit, loading, connections } = flooded
  const rates = ratesOf(measured.requests * plan.eventsPerBatch, measured)
  return {
    case: name,
    what: `sync, ${plan.eventsPerBatch}-event batches${plan.detailed ? ', items with checksums' : ''}`,
    unit: ' events/s',
    measured: rates.perCpuSecond,
    onTheClock: rates.perSecond,
    notes: [
      `${connections.length} connections, payload ${Math.round(loading.payloadBytes)} bytes, ${Math.round(perCommit)} events a commit`,
      `saturated p50 ${measured.p50Ms.toFixed(0)} ms, p99 ${measured.p99Ms.toFixed(0)} ms`,
    ],
  }
}

const ceilingOf = async (
  ground: Ground,
  flooded: Flood,
  rowsPerTransaction: number,
): Promise<NonNullable<Row['ceiling']>> => {
  const { loading, connections } = flooded
  const bare = await insertBare(ground, loading, rowsPerTransaction, connections.length)
  const rates = ratesOf(bare.rows, bare)
  return {
    what: `bare inserts, ${rowsPerTransaction} a commit`,
    value: rates.perCpuSecond,
    onTheClock: rates.perSecond,
  }
}

export const runLargeSync = async (ground: Ground, detailed = false): Promise<readonly Row[]> => {
  const plan = { eventsPerBatch: 500, detailed }
  const flooded = await flood(ground, ground.scale.largeSyncConnections, plan, { mostPerSecond: 110_000, more: 0 })
  await flooded.finish()
  const ceiling = await ceilingOf(ground, flooded, plan.eventsPerBatch)
  const bars = [{ of: 'measured', atLeast: 60_000 } as const, { of: 'ratio', atLeast: 0.4 } as const]
  return [{ ...rowOf(flooded, plan, detailed ? 'sync-500-detailed' : 'sync-500'), ceiling, bars: detailed ? [] : bars }]
}

export const runSmallSync = async (ground: Ground): Promise<readonly Row[]> => {
  const plan = { eventsPerBatch: 10, detailed: false }
  const { seconds, warmUpSeconds, smallSyncConnections } = ground.scale
  const flooded = await flood(ground, smallSyncConnections, plan, {
    mostPerSecond: 60_000,
    more: seconds + 2 * warmUpSeconds,
  })
  const { server, connections, loading } = flooded
  // A store that has grown is slower: the share is of what the server takes now, not of what it took when it was empty.
  const latest = await saturate(server, connections, loading.traffic, { warmUpSeconds: 0, seconds: warmUpSeconds })
  const perSecond = shareOfMaximum * (latest.requests / latest.seconds)
  ground.tell(`sending ${Math.round(perSecond)} batches a second`)
  const arrived = await runOpenLoop(connections, loading.traffic, {
    perSecond,
    warmUpSeconds,
    seconds,
    dice: createDice(3),
  })
  await flooded.finish()
  const ceiling = await ceilingOf(ground, flooded, Math.max(1, Math.round(flooded.perCommit)))
  const p99 = percentile(arrived.latenciesMs, 0.99)
  return [
    { ...rowOf(flooded, plan, 'sync-10'), ceiling, bars: [{ of: 'measured', atLeast: 25_000 }] },
    {
      case: 'sync-10',
      what: 'sync, 10-event batches, p99 acknowledgement at 80 % load',
      unit: ' ms',
      measured: p99,
      bars: [{ of: 'measured', atMost: 100 }],
      notes: [
        `${Math.round(perSecond)} batches/s arriving at random, p50 ${percentile(arrived.latenciesMs, 0.5).toFixed(1)} ms`,
        `${arrived.heldBack} found every connection busy`,
      ],
    },
  ]
}
