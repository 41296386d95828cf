// Structured logs: constant messages, facts as fields from one closed list.
// What is not on the list cannot be logged; where the lines go is the caller's stream.
import { type DestinationStream, type LevelWithSilent, pino } from 'pino'

/** Every field a log line may carry. Add here first; never add a field that can hold a secret or free device text. */
export interface LogFields {
  'tenant.id'?: string
  'device.id'?: string
  'agent.id'?: string
  'operator.id'?: string
  'token.id'?: string
  'policy.id'?: string
  'policy.generation'?: string
  'request.id'?: string
  'http.route'?: string
  'http.status'?: number
  'duration.ms'?: number
  'error.code'?: string
  'error.count'?: number
  'batch.requests'?: number
  'batch.events'?: number
  'items.count'?: number
  'backlog.events'?: number
  'audit.seq'?: number
  'file.path'?: string
  'listen.address'?: string
  'listen.port'?: number
  'database.engine'?: string
  'database.statements'?: string
  'migration.name'?: string
  'certificate.expires'?: string
  'process.signal'?: string
  'retry.in_ms'?: number
  surface?: string
  plane?: string
  version?: string
  /** A fault with its cause chain; pino writes type, message and stack. */
  err?: unknown
}

type Fields = Partial<LogFields>

export interface Log {
  debug(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  error(message: string, fields?: Fields): void
  /** A log whose lines all carry these fields too. */
  with(fields: Fields): Log
}

export interface LogSettings {
  readonly level: LevelWithSilent
  readonly destination?: DestinationStream
}

type Sink = ReturnType<typeof pino>

const wrap = (sink: Sink): Log => ({
  debug: (message, fields = {}) => sink.debug(fields, message),
  info: (message, fields = {}) => sink.info(fields, message),
  warn: (message, fields = {}) => sink.warn(fields, message),
  error: (message, fields = {}) => sink.error(fields, message),
  with: (fields) => wrap(sink.child(fields)),
})

export const createLog = (settings: LogSettings): Log => {
  const options = {
    level: settings.level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return wrap(settings.destination === undefined ? pino(options) : pino(options, settings.destination))
}

/** For tests and for programs that were told to be quiet. */
export const silentLog: Log = createLog({ level: 'silent' })
