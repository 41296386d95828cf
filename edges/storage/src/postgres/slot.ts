// One PostgreSQL connection that is replaced when it breaks.
// Who may use it when is the pool's business; transactions are the session's.
import postgres from 'postgres'
import { StoreError } from '../faults.ts'
import { isLost, toStoreError } from './faults.ts'

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

const connect = ({ url, readOnly, statementMs }: SlotSettings) =>
  postgres(url, {
    max: 1,
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
  })

/** Statements beyond this many distinct texts are not kept prepared, so that generated ones cannot fill the server. */
const maxPrepared = 500

/** Settles like `answer`, or fails after `ms`: a network that swallows packets sends no error. */
const within = async <T>(ms: number, answer: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreError(`postgres: no answer within ${ms} ms`, 'busy')), ms)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

export const createSlot = (settings: SlotSettings): Slot => {
  let client = connect(settings)
  let generation = 0
  let prepared = new Set<string>()

  const replace = (broken: typeof client): void => {
    if (broken !== client) return
    generation++
    client = connect(settings)
    prepared = new Set()
    void broken.end({ timeout: 0 })
  }
  const keep = (text: string): boolean => {
    if (prepared.size < maxPrepared) prepared.add(text)
    return prepared.has(text)
  }
  return {
    generation: () => generation,
    async query(text, parameters) {
      const asked = client
      try {
        const answer = asked.unsafe(text, parameters as never[], { prepare: keep(text) })
        const result = await within(settings.statementMs + 5000, answer)
        return { rows: Array.from(result), count: result.count ?? 0, command: result.command }
      } catch (error) {
        if (isLost(error)) replace(asked)
        throw toStoreError(text, error)
      }
    },
    close: () => client.end({ timeout: 5 }),
  }
}
