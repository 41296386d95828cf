// Units: code that runs beside the database, so that a hot path costs one message instead of one per statement.
// What a unit does is its room's business; it is written against Kysely and the bulk doors and knows no thread.
import type { Kysely, Transaction } from 'kysely'
import type { Engine } from './session.ts'

export type Db = Kysely<any>
export type Tx = Transaction<any>

export type Unit = (input: any) => Promise<unknown>

export interface UnitHost<Settings = unknown> {
  readonly engine: Engine
  /** Committed rows only; never what an open transaction has written. */
  readonly db: Db
  /** One write transaction; committed and fsynced when it resolves. PostgreSQL may run `work` again after a conflict. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  readonly settings: Settings
  /** Reports a figure, for example a group's size, to `onSample` of the storage. */
  sample(name: string, value: number): void
  /** Called once before the database closes, after the last call was answered. */
  onShutdown(work: () => Promise<void>): void
}

/** A unit module exports this as `createUnits`; names are global to the storage. */
export type CreateUnits<Settings = unknown> = (
  host: UnitHost<Settings>,
) => Readonly<Record<string, Unit>> | Promise<Readonly<Record<string, Unit>>>

export type Units = Readonly<Record<string, Unit>>

/** Loads the module at `href` and lets it build its units. */
export const loadUnits = async (href: string, host: UnitHost): Promise<Units> => {
  const module = (await import(href)) as { createUnits?: CreateUnits }
  if (module.createUnits === undefined) throw new Error(`${href} does not export createUnits`)
  return module.createUnits(host)
}

export const callUnit = async (units: Units, name: string, input: unknown): Promise<unknown> => {
  const unit = units[name]
  if (unit === undefined) throw new Error(`no unit is named ${name}`)
  return unit(input)
}
