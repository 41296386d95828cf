// The tables of raw events as Kysely sees them; only this folder writes them.
// What the bytes of a pack mean is pack.ts.
import type { Db } from '@muster/storage'
import type { Generated, Kysely } from 'kysely'

interface EventTables {
  observe_event_pack: PackTable
  observe_event_filter: FilterTable
}

/** Events of one batch, or of a part of it. */
interface PackTable {
  pack_no: Generated<number>
  tenant_id: string
  device_no: number
  epoch: number
  /** The filter that knows its ids. */
  filter_no: number
  event_count: number
  received_ms: number
  surfaces: string
  heads: Uint8Array
  payloads: Uint8Array
  /** Which of them only say what was known, see `markEvents`; null where none does, and before anybody noted it. */
  retold: Uint8Array | null
}

/** A device's filters are numbered as they came. */
interface FilterTable {
  device_no: number
  filter_no: number
  tenant_id: string
  key_count: number
  filter: Uint8Array
}

export const withEvents = (db: Db): Kysely<EventTables> => db
