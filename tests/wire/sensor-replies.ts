// What the macOS agent decodes out of each reply (sensor-protocol 4.2, 5.2, 6.2, 7.2), written down from the published
// tables and not from our contract. A reply with a fault is, to the agent, no reply at all.
import { NotAnInteger, readJson } from './sensor-json.ts'

type Kind = 'string' | 'boolean' | 'int64' | 'uint32' | 'base64' | 'optional base64' | { readonly listOf: Table }
type Table = Readonly<Record<string, Kind>>

export const REPLY_TABLES = {
  enroll: { tenantId: 'string', deviceId: 'string', clientCertificate: 'base64', certificateExpiresAt: 'string' },
  config: { generation: 'string', configJson: 'optional base64', signature: 'optional base64' },
  'check-in': {
    serverTime: 'string',
    configGeneration: 'string',
    configUpdateAvailable: 'boolean',
    certificateRenewalRequired: 'boolean',
    fullResnapshotRequested: 'boolean',
  },
  sync: {
    acceptedThroughLocalSequence: 'int64',
    acceptedEvents: { listOf: { eventId: 'string', localSequence: 'int64', duplicate: 'boolean' } },
    rejectedEvents: { listOf: { eventId: 'string', localSequence: 'int64', code: 'string', message: 'string' } },
    serverTime: 'string',
    configGeneration: 'string',
    configUpdateAvailable: 'boolean',
    fullResnapshotRequested: 'boolean',
    retryAfterSeconds: 'uint32',
    maxBatchBytes: 'uint32',
    maxBatchEvents: 'uint32',
  },
} as const satisfies Record<string, Table>

export type RouteName = keyof typeof REPLY_TABLES

interface Values {
  readonly string: string
  readonly boolean: boolean
  readonly int64: number
  readonly uint32: number
  readonly base64: string
  readonly 'optional base64': string | null | undefined
}

type Decoded<T extends Table> = {
  readonly [Key in keyof T]: T[Key] extends keyof Values
    ? Values[T[Key]]
    : T[Key] extends { readonly listOf: infer Inner extends Table }
      ? readonly Decoded<Inner>[]
      : never
}

export type ReplyBody<R extends RouteName> = Decoded<(typeof REPLY_TABLES)[R]>

/** Standard alphabet, padded, no white space; nothing at all means zero bytes. */
const strictBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const isText = (value: unknown): value is string => typeof value === 'string'
const isBase64 = (value: unknown): boolean => isText(value) && strictBase64.test(value)
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value)

const checks: Record<Exclude<Kind, object>, (value: unknown) => boolean> = {
  string: isText,
  boolean: (value) => typeof value === 'boolean',
  int64: isInteger,
  uint32: (value) => isInteger(value) && value >= 0 && value <= 0xffff_ffff,
  base64: isBase64,
  'optional base64': (value) => value === undefined || value === null || isBase64(value),
}

const shown = (value: unknown): string => (value instanceof NotAnInteger ? value.source : JSON.stringify(value))

const faultsOf = (table: Table, value: unknown, where: string): readonly string[] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${where} is not an object`]
  const members = value as Readonly<Record<string, unknown>>
  return Object.entries(table).flatMap(([key, kind]) => {
    const member = members[key]
    if (typeof kind === 'string')
      return checks[kind](member) ? [] : [`${where}.${key} is not ${kind}: ${shown(member)}`]
    if (!Array.isArray(member)) return [`${where}.${key} is not a list: ${shown(member)}`]
    return member.flatMap((entry, at) => faultsOf(kind.listOf, entry, `${where}.${key}[${at}]`))
  })
}

export interface DecodedReply<R extends RouteName> {
  /** Undefined when the agent could not have used the reply. */
  readonly body: ReplyBody<R> | undefined
  readonly faults: readonly string[]
}

/** Unknown keys pass, as they do in the agent. */
export const decodeReply = <R extends RouteName>(route: R, text: string): DecodedReply<R> => {
  let value: unknown
  try {
    value = readJson(text)
  } catch {
    return { body: undefined, faults: [`${route} is not JSON: ${text.slice(0, 100)}`] }
  }
  const faults = faultsOf(REPLY_TABLES[route], value, route)
  return { body: faults.length === 0 ? (value as ReplyBody<R>) : undefined, faults }
}

/** The keys of every object of a reply, for tests that want no more than the tables say. */
export const extraKeys = (route: RouteName, text: string): readonly string[] => {
  const beyond = (table: Table, value: unknown, where: string): readonly string[] =>
    Object.entries(value as Record<string, unknown>).flatMap(([key, member]) => {
      const kind = table[key]
      if (kind === undefined) return [`${where}.${key}`]
      if (typeof kind === 'string' || !Array.isArray(member)) return []
      return member.flatMap((entry, at) => beyond(kind.listOf, entry, `${where}.${key}[${at}]`))
    })
  return beyond(REPLY_TABLES[route], readJson(text), route)
}
