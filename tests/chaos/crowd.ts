// Everybody who talks to a server at the same time: devices and an operator, each at its own pace, whatever it answers.
// Starting and killing the server is the test's; judging what is left of it is verdict.ts.
import { setTimeout as wait } from 'node:timers/promises'
import { type Client, Unreachable } from '@muster/http/client'
import { createDevice, type Device } from './device.ts'
import type { Dice } from './dice.ts'
import { createOperator, type Operator } from './operator.ts'

export interface CrowdWishes {
  readonly endpoint: string
  readonly ca: string
  readonly owner: Client
  readonly dice: Dice
  readonly devices: number
}

export interface Crowd {
  readonly operator: Operator
  devices(): readonly Device[]
  /** Everybody does what they do until the signal; resolves when the last of them noticed. */
  work(over: AbortSignal): Promise<void>
  /** Everybody delivers what is left, one after the other; resolves when nothing is. */
  drain(): Promise<void>
  /** How the latest attempt of each ended: `done`, `unanswered`, or the code of the refusal. */
  latest(): ReadonlyMap<string, string>
  surprises(): readonly string[]
  close(): void
}

/** What a network does while a server dies or is not there. */
const networkCodes = /^(ECONN(RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT|ERR_STREAM_PREMATURE_CLOSE)$/

export const isNetworkFault = (fault: unknown): boolean => {
  for (let at = fault; at instanceof Error; at = at.cause)
    if ('code' in at && networkCodes.test(String(at.code))) return true
  return false
}

/** Where a server does not answer, or not yet, nobody asks in a tight loop. */
const pauseMs = 25

export const createCrowd = ({ endpoint, ca, owner, dice, devices: wanted }: CrowdWishes): Crowd => {
  const operator = createOperator(owner, dice.fork())
  const devices: Device[] = []
  const faults: string[] = []
  const latest = new Map<string, string>()

  const attempt = async (work: () => Promise<string>): Promise<string> => {
    try {
      return await work()
    } catch (fault) {
      if (!isNetworkFault(fault)) faults.push(fault instanceof Unreachable ? fault.message : String(fault))
      return 'unanswered'
    }
  }
  const repeat = async (over: AbortSignal, who: string, work: () => Promise<string>): Promise<void> => {
    while (!over.aborted) {
      const outcome = await attempt(work)
      latest.set(who, outcome)
      if (outcome !== 'done') await wait(pauseMs)
    }
  }
  const invite = async (): Promise<string> => {
    const name = `device ${devices.length + 1}`
    const asked = await operator.askToken(name)
    if (typeof asked === 'string') return asked
    devices.push(createDevice({ name, endpoint, ca, token: asked.token, dice: dice.fork() }))
    return 'done'
  }
  /** Devices come one by one, so that some of them enrol while the server dies. */
  const host = async (over: AbortSignal): Promise<void> => {
    const guests = devices.map(({ name, step }) => repeat(over, name, step))
    while (!over.aborted && devices.length < wanted) {
      const outcome = await attempt(invite)
      const last = devices.at(-1)
      if (outcome === 'done' && last !== undefined) guests.push(repeat(over, last.name, last.step))
      await wait(pauseMs)
    }
    await Promise.all(guests)
  }
  return {
    operator,
    devices: () => devices,
    async work(over) {
      await Promise.all([host(over), repeat(over, 'operator', operator.step)])
    },
    async drain() {
      for (const device of devices) while (await device.deliver());
    },
    latest: () => latest,
    surprises: () => [...faults, ...operator.surprises, ...devices.flatMap(({ surprises }) => surprises)],
    close() {
      for (const device of devices) device.close()
      owner.close()
    },
  }
}

const pollMs = 25
const patienceMs = 240_000

/** Lets everybody work until a state is reached. */
export const workUntil = async (crowd: Crowd, isReached: () => boolean | Promise<boolean>): Promise<void> => {
  const over = new AbortController()
  const working = crowd.work(over.signal)
  const deadline = AbortSignal.timeout(patienceMs)
  try {
    while (!(await isReached())) {
      if (deadline.aborted) throw new Error(`not reached in time: ${JSON.stringify([...crowd.latest()])}`)
      await wait(pollMs)
    }
  } finally {
    over.abort()
    await working
  }
}

/** Lets everybody work for a while, and go on while something ends it. */
export const workThrough = async (crowd: Crowd, beforeMs: number, end: () => Promise<void>): Promise<void> => {
  const over = new AbortController()
  const working = crowd.work(over.signal)
  try {
    await wait(beforeMs)
    await end()
  } finally {
    over.abort()
    await working
  }
}
