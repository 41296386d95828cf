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
  const operator = createOperator(() => owner, dice.fork())
  const devices: Device[] = []
  const faults: string[] = []

  /** Answers the status of what was tried; 0 when nobody answered. */
  const attempt = async (work: () => Promise<number>): Promise<number> => {
    try {
      return await work()
    } catch (fault) {
      if (!isNetworkFault(fault)) faults.push(fault instanceof Unreachable ? fault.message : String(fault))
      return 0
    }
  }
  const invite = async (): Promise<number> => {
    const name = `device ${devices.length + 1}`
    const token = await operator.askToken(name)
    if (token === null) return 503
    devices.push(createDevice({ name, endpoint, ca, token, dice: dice.fork() }))
    return 201
  }
  const repeat = async (over: AbortSignal, work: () => Promise<number>): Promise<void> => {
    while (!over.aborted) {
      const status = await attempt(work)
      if (status === 0 || status === 503) await wait(pauseMs)
    }
  }
  /** Devices come one by one, so that some of them enrol while the server dies. */
  const host = async (over: AbortSignal): Promise<void> => {
    const guests = devices.map((device) => repeat(over, device.step))
    while (!over.aborted && devices.length < wanted) {
      const status = await attempt(invite)
      const last = devices.at(-1)
      if (status === 201 && last !== undefined) guests.push(repeat(over, last.step))
      await wait(pauseMs)
    }
    await Promise.all(guests)
  }
  return {
    operator,
    devices: () => devices,
    async work(over) {
      await Promise.all([host(over), repeat(over, operator.step)])
    },
    async drain() {
      for (const device of devices) while (await device.deliver());
    },
    surprises: () => [...faults, ...operator.surprises, ...devices.flatMap(({ surprises }) => surprises)],
    close() {
      for (const device of devices) device.close()
      owner.close()
    },
  }
}
