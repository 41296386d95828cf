// A whole fleet comes within a second, is cut off, and comes back, beside the same connections to a server that only shakes
// hands. Every device checks in once it is connected, and tries again when it cannot, as agents do.
import { execFileSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { backoffMs } from '@muster/kernel'
import { startHandshakes } from '../bare/bare.ts'
import { readCredentials } from '../bare/listener-options.ts'
import { createDice, type Dice } from '../events/dice.ts'
import type { Device } from '../fleet/fleet.ts'
import { type Cost, costOf, ratesOf } from '../harness/measure.ts'
import type { Target } from '../harness/server.ts'
import type { Row } from '../report/row.ts'
import { type Connection, openConnection, openSocket } from '../wire/connection.ts'
import { percentile } from '../wire/latency.ts'
import { askOnce, checkInRequest, checkOk } from './check-in.ts'
import type { Ground } from './ground.ts'

const withinMs = 1000
const handshakeMs = 60_000
const mostAttempts = 8
const backoff = { baseMs: 1000, maxMs: 30_000 }
/** Files that a server and a generator have open besides connections. */
const spareFiles = 300

/** As many as are asked for, or as this machine lets a process have open. */
export const mostConnections = (wanted: number): number => {
  const limit = execFileSync('sh', ['-c', 'ulimit -H -n'], { encoding: 'utf8' }).trim()
  return limit === 'unlimited' ? wanted : Math.min(wanted, Number(limit) - spareFiles)
}

interface Held {
  close(): void
}

/** One device's way back; resolves with what keeps its connection. */
type Attempt = (device: Device) => Promise<Held>

interface Returned extends Cost {
  readonly count: number
  readonly failed: number
  readonly attempts: number
  readonly timesMs: readonly number[]
}

const come = async (target: Target, devices: readonly Device[], attempt: Attempt, dice: Dice): Promise<Returned> => {
  const held: Held[] = []
  const timesMs: number[] = []
  let attempts = 0
  let failed = 0
  const bring = async (device: Device): Promise<void> => {
    await wait(dice.roll() * withinMs)
    const startedMs = performance.now()
    for (let tries = 1; tries <= mostAttempts; tries++) {
      attempts += 1
      try {
        held.push(await attempt(device))
        timesMs.push(performance.now() - startedMs)
        return
      } catch {
        // Refused, cut off or too slow: all the same to a device, which waits and comes again.
        await wait(backoffMs(backoff, tries - 1, dice.roll()))
      }
    }
    failed += 1
  }
  const cost = await costOf(target, async () => {
    await Promise.all(devices.map(bring))
  })
  for (const { close } of held) close()
  return { ...cost, count: timesMs.length, failed, attempts, timesMs }
}

/** Between being cut off and coming back, so that what closing costs is nobody's. */
const cutOffMs = 3000

/**
 * The second time is what is compared: both servers have their memory by then. The host of a virtual machine makes whoever
 * uses memory first wait for it, three times as long in one second as in the next.
 */
const comeTwice = async (target: Target, devices: readonly Device[], attempt: Attempt) => {
  const first = await come(target, devices, attempt, createDice(5))
  await wait(cutOffMs)
  const back = await come(target, devices, attempt, createDice(6))
  return { first, back }
}

const closer = (connection: Connection): Held => ({ close: () => connection.close() })

const checkInAgain =
  (target: Target): Attempt =>
  async (device) => {
    const connection = await openConnection(target, device.papers, handshakeMs)
    try {
      checkOk(await askOnce(connection, checkInRequest(device)))
      return closer(connection)
    } catch (fault) {
      connection.close()
      throw fault
    }
  }

const onlyShakeHands =
  (target: Target): Attempt =>
  async ({ papers }) => {
    const socket = await openSocket(target, papers, handshakeMs)
    await new Promise((resolve, reject) => {
      socket.once('data', resolve)
      socket.once('close', reject)
      socket.on('error', reject)
    })
    return { close: () => socket.destroy() }
  }

const tellOf = ({ seconds, timesMs, attempts, count, failed }: Returned): string =>
  `all answered after ${seconds.toFixed(1)} s, median ${(percentile(timesMs, 0.5) / 1000).toFixed(1)} s, ` +
  `${attempts - count - failed} tried again, ${failed} failed for good`

const beside = (real: Returned, bare: Returned): Omit<Row, 'what' | 'bars'> => {
  const [mine, most] = [ratesOf(real.count, real), ratesOf(bare.count, bare)]
  return {
    case: 'reconnect',
    unit: ' handshakes/s',
    measured: mine.perCpuSecond,
    onTheClock: mine.perSecond,
    ceiling: { what: 'bare handshakes', value: most.perCpuSecond, onTheClock: most.perSecond },
    notes: [tellOf(real), `bare: ${tellOf(bare)}`],
  }
}

export const runReconnect = async (ground: Ground): Promise<readonly Row[]> => {
  const { server, devices, finish } = await ground.open(mostConnections(ground.scale.reconnecting))
  ground.tell(`${devices.length} devices come, and come back`)
  const real = await comeTwice(server, devices, checkInAgain(server))
  await finish(real.back.window)
  const target = await startHandshakes({ credentials: readCredentials(server.dataDir, server.ca) })
  ground.tell(`${devices.length} bare handshakes, and again`)
  const bare = await comeTwice(target, devices, onlyShakeHands(target))
  await target.stop()
  return [
    {
      ...beside(real.back, bare.back),
      what: `${devices.length} devices reconnecting within a second`,
      bars: [{ of: 'ratio', atLeast: 0.75 }],
    },
    {
      ...beside(real.first, bare.first),
      what: '… connecting within a second, to a server just started',
      bars: [],
    },
    {
      case: 'reconnect',
      what: '… devices that failed for good',
      unit: '',
      measured: real.first.failed + real.back.failed,
      bars: [{ of: 'measured', atMost: 0 }],
      notes: [],
    },
  ]
}
