// One PostgreSQL connection that is replaced when it breaks.
// Who may use it when is the pool's business; transactions are the session's.
import postgres from 'postgres'
import { StoreError } from '../faults.ts'
import { isLost, toStoreError } from './faults.ts'
import { createSockets, type Sockets } from './sockets.ts'

export interface SlotSettings {
  readonly url: string
  readonly readOnly: boolean
  readonly statementMs: number
}

export interface Result {
  readonly rows: readonly Record<string, unknown>[]
  readonly count: number
  readonly command: string
}

export interface Slot {
  query(text: string, parameters: readonly unknown[]): Promise<Result>
  /** Grows each time the connection is replaced; a transaction belongs to one generation. */
  generation(): number
  close(): Promise<void>
}

// Values come back as SQLite gives them: numbers, 0 and 1, plain byte arrays. OIDs: bool 16, bytea 17, int8 20, numeric 1700.
const types = {
  truth: {
    to: 16,
    from: [16],
    serialize: (value: unknown) => String(value),
    parse: (raw: string) => (raw === 't' ? 1 : 0),
  },
  bytes: {
    to: 17,
    from: [17],
    serialize: (value: Uint8Array) => `\\x${value.toHex()}`,
    parse: (raw: string) => Uint8Array.fromHex(raw.slice(2)),
  },
  number: { to: 20, from: [20, 1700], serialize: (value: unknown) => String(value), parse: Number },
}

const open = ({ url, readOnly, statementMs }: SlotSettings, sockets: Sockets, onClosed: () => void) => {
  const options = {
    max: 1,
    socket: sockets.open,
    onclose: onClosed,
    // Neither may end a connection by itself: it would not know of a transaction begun by hand.
    idle_timeout: undefined,
    max_lifetime: null,
    connect_timeout: 5,
    fetch_types: false,
    types,
    onnotice: () => {},
    connection: {
      application_name: 'muster-server',
      synchronous_commit: 'on',
      statement_timeout: statementMs,
      idle_in_transaction_session_timeout: statementMs,
      default_transaction_read_only: readOnly,
    },
  }
  return postgres(url, options)
}

/**
 * One client of the library: its connection, and who waits for an answer on it. `onLost` is told when that connection
 * ends unasked, also while nobody waits: the library would open another for the next statement and say nothing of it.
 */
const connect = (settings: SlotSettings, onLost: () => void) => {
  let isEnding = false
  const sockets = createSockets()
  const sql = open(settings, sockets, () => isEnding || onLost())
  const waiting = new Set<(fault: StoreError) => void>()
  /** Who waits is refused, and nothing that was asked of it reaches the server any more. */
  const letGo = (): void => {
    isEnding = true
    sockets.letGo()
    for (const reject of waiting) reject(new StoreError('postgres: the connection was lost', 'busy'))
    void sql.end({ timeout: 0 })
  }
  return {
    letGo,
    /** Fails, too, when the connection is replaced, or no answer comes in time: a network that swallows packets sends no error. */
    async ask(text: string, parameters: readonly unknown[], prepare: boolean) {
      const ms = settings.statementMs + 5000
      const { promise: never, reject } = Promise.withResolvers<never>()
      const timer = setTimeout(() => reject(new StoreError(`postgres: no answer within ${ms} ms`, 'busy')), ms)
      waiting.add(reject)
      try {
        return await Promise.race([sql.unsafe(text, parameters as never[], { prepare }), never])
      } finally {
        clearTimeout(timer)
        waiting.delete(reject)
      }
    },
    /** Who waits has five seconds. */
    async end(): Promise<void> {
      isEnding = true
      await sql.end({ timeout: 5 })
      letGo()
    },
  }
}

/** Statements beyond this many distinct texts are not kept prepared, so that generated ones cannot fill the server. */
const maxPrepared = 500

export const createSlot = (settings: SlotSettings): Slot => {
  const start = () => {
    const started = connect(settings, () => replace(started))
    return started
  }
  const replace = (broken: typeof client): void => {
    if (broken !== client) return
    generation++
    client = start()
    prepared = new Set()
    broken.letGo()
  }
  let client = start()
  let generation = 0
  let prepared = new Set<string>()

  const keep = (text: string): boolean => {
    if (prepared.size < maxPrepared) prepared.add(text)
    return prepared.has(text)
  }
  return {
    generation: () => generation,
    async query(text, parameters) {
      const asked = client
      try {
        const result = await asked.ask(text, parameters, keep(text))
        return { rows: Array.from(result), count: result.count ?? 0, command: result.command }
      } catch (error) {
        if (isLost(error)) replace(asked)
        throw toStoreError(text, error)
      }
    },
    close: () => client.end(),
  }
}
