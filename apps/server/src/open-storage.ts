// Opens the database that the settings name, with every room's tables and units, and says plainly when it cannot.
// What a database can do is the storage edge's; what is in it belongs to the rooms.

import { identityMigrations } from '@muster/identity'
import type { Clock } from '@muster/kernel'
import { ledgerMigrations } from '@muster/ledger'
import { observeMigrations } from '@muster/observe'
import {
  ForeignDatabase,
  NewerDatabase,
  NotTheOwner,
  openStorage,
  type RoomMigrations,
  type Storage,
} from '@muster/storage'
import { telemetryMigrations } from '@muster/telemetry'
import { databaseFile } from './folder/data-folder.ts'
import { serverMigrations } from './migrations.ts'
import { deepCodeOf, PlainFault } from './plain-fault.ts'
import type { DbChoice } from './settings/reading.ts'
import type { Settings } from './settings/table.ts'

export const rooms: readonly RoomMigrations[] = [
  identityMigrations,
  ledgerMigrations,
  observeMigrations,
  telemetryMigrations,
  serverMigrations,
]

export interface StorageWishes {
  readonly clock: Clock
  readonly units: readonly URL[]
  readonly onSample?: (name: string, value: number) => void
}

/** SQLSTATEs and socket codes that whoever wrote the address can put right. */
const reasons: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there; start PostgreSQL or correct the address',
  ENOTFOUND: 'there is no such host; correct the address',
  EAI_AGAIN: 'the host name cannot be looked up now; check the network or use an address',
  ETIMEDOUT: 'it does not answer; check the network and the address',
  EHOSTUNREACH: 'it cannot be reached; check the network and the address',
  CONNECT_TIMEOUT: 'it does not answer; check the network and the address',
  '28P01': 'user or password is wrong',
  '28000': 'the server does not let this user in from here; check pg_hba.conf',
  '3D000': 'there is no such database; create it first',
  '42501': 'this user may not create tables there; grant it the schema',
  EACCES: 'this account may not use the file',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full',
}

const shownOf = (db: DbChoice, dataDir: string): string => (db.engine === 'sqlite' ? databaseFile(dataDir) : db.shown)

const plainly = (fault: unknown, shown: string): unknown => {
  if (fault instanceof NewerDatabase || fault instanceof ForeignDatabase || fault instanceof NotTheOwner) {
    return new PlainFault(`database ${shown}: ${fault.message}`, 1, { cause: fault })
  }
  const reason = reasons[deepCodeOf(fault) ?? '']
  return reason === undefined ? fault : new PlainFault(`database ${shown}: ${reason}`, 1, { cause: fault })
}

/** Brings the tables up to date as it opens. */
export const openServerStorage = async (
  { db, dataDir }: Pick<Settings, 'db' | 'dataDir'>,
  { clock, units, onSample }: StorageWishes,
): Promise<Storage> => {
  const url = db.engine === 'sqlite' ? `sqlite:${databaseFile(dataDir)}` : db.url.reveal()
  try {
    return await openStorage({ url, rooms, units, clock, ...(onSample === undefined ? {} : { onSample }) })
  } catch (fault) {
    throw plainly(fault, shownOf(db, dataDir))
  }
}
