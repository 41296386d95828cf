// The main thread's end of a database thread: questions out, answers back, start and end.
// What the thread does with a question is in thread.ts.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { StoreError } from '../faults.ts'
import { unpackFault } from '../packed-fault.ts'
import type { Session, Sessions } from '../session.ts'
import type { Ask, Asked, Reply, ThreadSettings } from './messages.ts'
import { type Table, toAnswer, toBulkAnswer } from './table.ts'

export interface Port {
  ask(ask: Ask, transfer?: readonly ArrayBuffer[]): Promise<unknown>
  /** Questions sent and not yet answered. */
  waiting(): number
  /** Answers what was asked, then ends the thread. */
  close(): Promise<void>
}

/** A group of requests dies together, if it fits; otherwise its pieces are copied, twice, before they are let go. */
const youngMegabytes: Record<ThreadSettings['role'], number> = { writer: 192, reader: 48, checkpointer: 16 }

interface Outgoing {
  readonly asked: Asked
  readonly transfer: readonly ArrayBuffer[]
}

interface Waiter {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** The thread starts with the first question, because a reader costs memory that a small server never needs. */
export const createPort = (settings: ThreadSettings, onSample: (name: string, value: number) => void): Port => {
  const waiters = new Map<number, Waiter>()
  let worker: Worker | undefined
  let outgoing: Outgoing[] = []
  let nextId = 1
  let ended: StoreError | undefined
  let drained: (() => void) | undefined

  const end = (error: StoreError): void => {
    ended ??= error
    for (const { reject } of waiters.values()) reject(ended)
    waiters.clear()
    drained?.()
  }
  const settle = (reply: Reply): void => {
    const waiter = waiters.get(reply.id)
    waiters.delete(reply.id)
    for (const { name, value } of reply.samples) onSample(name, value)
    if (reply.ok) waiter?.resolve(reply.value)
    else waiter?.reject(unpackFault(reply.fault))
    if (waiters.size === 0) drained?.()
  }
  const start = (): Worker => {
    const started = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData: settings,
      resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes[settings.role] },
    })
    started.on('message', (replies: readonly Reply[]) => replies.forEach(settle))
    started.on('error', (cause) => {
      // As an exception nobody caught in this thread would, it ends the process; what was acknowledged is on disk.
      const fault = new StoreError(`the ${settings.role} thread died`, 'fault', { cause })
      end(fault)
      throw fault
    })
    started.on('exit', () => end(new StoreError('the store is closed', 'busy')))
    return started
  }
  const send = (said: readonly Outgoing[]): void => {
    try {
      worker ??= start()
      worker.postMessage(
        said.map(({ asked }) => asked),
        said.flatMap(({ transfer }) => transfer),
      )
    } catch (cause) {
      // Nothing was sent; one that cannot be takes the others along only if they go together.
      const [only, ...more] = said
      if (more.length > 0) return said.forEach((each) => send([each]))
      if (only !== undefined) refuse(only.asked, cause)
    }
  }
  const refuse = ({ id, ask }: Asked, cause: unknown): void => {
    const waiter = waiters.get(id)
    waiters.delete(id)
    waiter?.reject(new Error(`send ${ask.kind} to the ${settings.role} thread`, { cause }))
  }
  const flush = (): void => {
    const said = outgoing
    outgoing = []
    send(said)
  }
  // A message costs more than what most of them say, so questions of one turn of the loop go as one.
  const post = (ask: Ask, transfer: readonly ArrayBuffer[] = []): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = nextId++
      waiters.set(id, { resolve, reject })
      if (outgoing.length === 0) setImmediate(flush)
      outgoing.push({ asked: { id, ask }, transfer })
    })
  return {
    ask: (ask, transfer) => (ended === undefined ? post(ask, transfer) : Promise.reject(ended)),
    waiting: () => waiters.size,
    async close() {
      if (ended !== undefined) return
      ended = new StoreError('the store is closing', 'busy')
      if (waiters.size > 0) await new Promise<void>((resolve) => (drained = resolve))
      if (worker === undefined) return
      const exited = once(worker, 'exit')
      await post({ kind: 'close' })
      await exited
    },
  }
}

let nextLease = 1

/** A small blob is often a view of a large pool, and a clone takes the whole pool along. */
const compact = (value: unknown): unknown =>
  value instanceof Uint8Array && value.byteLength < value.buffer.byteLength ? new Uint8Array(value) : value

const createSession = (port: Port): Session => {
  let lease = 0
  return {
    async begin() {
      lease = nextLease++
      await port.ask({ kind: 'begin', lease })
    },
    async commit() {
      await port.ask({ kind: 'commit', lease })
    },
    async rollback() {
      await port.ask({ kind: 'rollback', lease })
    },
    run: async (sql, parameters) =>
      toAnswer((await port.ask({ kind: 'run', lease, sql, parameters: parameters.map(compact) })) as Table),
    bulk: async (plan, tuples) => toBulkAnswer((await port.ask({ kind: 'bulk', lease, plan, tuples })) as Table),
    release() {},
  }
}

/** Sessions on the port that has the fewest questions open. */
export const createPortSessions = (ports: readonly [Port, ...Port[]]): Sessions => ({
  acquire: async () => createSession(ports.reduce((least, port) => (port.waiting() < least.waiting() ? port : least))),
})
