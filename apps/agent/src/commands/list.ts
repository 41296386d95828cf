// What `inventory`, `changes` and `findings` have in common: one moment of the lane's database, what is wanted of it, and
// how much of that is shown. What a line says is theirs.
import type { Wanted } from '../lanes/observe/database/list.ts'
import { type Database, openForReading } from '../lanes/observe/database/open.ts'
import { laneDatabase } from '../lanes/observe/lane-database.ts'
import { createScanStore } from '../lanes/observe/scan/store.ts'
import { PlainFault } from '../plain-fault.ts'
import { tame } from '../program/tame.ts'
import type { CommandContext } from './context.ts'

/** The first of those that are wanted, and how many those are. */
export interface Page<Entry> {
  readonly total: number
  readonly entries: readonly Entry[]
}

export const timesShown = (times: number): string => (times === 1 ? '' : `, ${times} times`)

const readAtOnce = <Said>(dataDir: string, read: (db: Database) => Said): Said => {
  const db = openForReading(laneDatabase(dataDir))
  if (db === null)
    throw new PlainFault(
      'this machine was not scanned yet: muster-agent run keeps what it finds, muster-agent scan only looks',
    )
  try {
    db.exec('begin')
    return read(db)
  } finally {
    db.close()
  }
}

interface Listing<Entry> {
  /** As it is called in JSON. */
  readonly name: string
  /** How many are shown when nothing else is asked for. */
  readonly usually: number
  readonly read: (db: Database, limit: number, wanted: Wanted) => Page<Entry>
  readonly linesOf: (entry: Entry) => readonly string[]
}

const mustBeScanned = (db: Database, surface: string | undefined): void => {
  const scanned = createScanStore(db)
    .health()
    .map((health) => health.surface)
  if (surface !== undefined && !scanned.includes(surface))
    throw new PlainFault(`no surface "${surface}" was scanned here; those that were: ${scanned.join(', ')}`, 2)
}

export const list = <Entry>(context: CommandContext, { name, usually, read, linesOf }: Listing<Entry>): void => {
  const { words, surface, limit = usually, json } = context.arguments
  const { total, entries } = readAtOnce(context.configuration.dataDir, (db) => {
    mustBeScanned(db, surface)
    return read(db, limit, { words, surface })
  })
  if (json) return context.print(`${JSON.stringify({ total, [name]: entries }, null, 2)}\n`)
  for (const entry of entries) for (const line of linesOf(entry)) context.print(`${tame(line)}\n`)
  if (total === 0) context.tell(`no ${name}\n`)
  if (total > limit) context.tell(`the first ${limit} of ${total}; --limit ${total} shows all\n`)
}
