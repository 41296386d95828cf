// What an engine offers to the storage, and nothing that both engines would do alike.
// The public face, with migrations, closing and measures, is put together in open.ts.
import type { Engine } from './session.ts'
import type { Db, Tx } from './unit.ts'

export interface Backend {
  readonly engine: Engine
  readonly db: Db
  readonly quick: Db
  /** Keeps each tenant's work to its own rows from now on; answers what has to be said first, if the engine can. */
  raiseWall?(shared: readonly string[]): Promise<readonly string[]>
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  loadUnits(module: URL, settings: unknown): Promise<void>
  callUnit(name: string, input: unknown, transfer: readonly ArrayBuffer[]): Promise<unknown>
  backup(toFile: string): Promise<void>
  /** Questions sent to the database and not yet answered. */
  waiting(): number
  /** Called when no write and no unit is under way any more. */
  close(): Promise<void>
}

export interface BackendSettings {
  readonly limitMs: number
  readonly onSample: (name: string, value: number) => void
}
