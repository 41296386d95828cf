// The tables of sync, inventory, findings and sensors as Kysely sees them; only this room writes them.
// Their definitions in SQL are in migrations.ts; hot paths write them through bulk doors.
import type { FindingState, Resolution, Severity } from '@muster/contract'
import type { Db } from '@muster/storage'
import type { Generated, Kysely } from 'kysely'

export interface InventoryTables {
  observe_dead_letter: DeadLetterTable
  observe_sync: SyncTable
  observe_path: PathTable
  observe_label: LabelTable
  observe_content: ContentTable
  observe_coordinate: CoordinateTable
  observe_present: PresentTable
  observe_past: PastTable
  observe_holding: HoldingTable
  observe_holding_change: HoldingChangeTable
  observe_coverage: CoverageTable
  observe_finding: FindingTable
  observe_sensor: SensorTable
  observe_ending: EndingTable
}

/** The same connection or transaction, knowing these tables. */
export const withInventory = (db: Db): Kysely<InventoryTables> => db

interface DeadLetterTable {
  dead_letter_no: Generated<number>
  tenant_id: string
  device_no: number
  event_id: string
  sequence: number
  code: string
  raw: Uint8Array
  received_ms: number
}

interface SyncTable {
  device_no: number
  tenant_id: string
  epoch: number
  contiguous: number
  assumed: number
  islands: string
  last_acked: number
  received_ms: number
  skew_ms: number | null
}

interface PathTable {
  path_no: Generated<number>
  tenant_id: string
  digest: Uint8Array
  path: string
}

interface LabelTable {
  label_no: Generated<number>
  tenant_id: string
  digest: Uint8Array
  label: string
}

interface ContentTable {
  content_no: Generated<number>
  tenant_id: string
  digest: Uint8Array
  surface: string
  kind: string
  name: string
  version: string | null
  origin: string | null
  detail: string | null
  installed_on_request: number | null
  /** JSON object. */
  attributes: string
}

interface CoordinateTable {
  tenant_id: string
  ecosystem: string
  name: string
  /** Empty where the source declares none. */
  version: string
  content_no: number
  declared_by: string | null
}

interface PresentTable {
  tenant_id: string
  device_no: number
  path_no: number
  label_no: number
  /** Null once the item is gone. */
  content_no: number | null
  from_ms: number
  from_order: number
  from_baseline: number
  confirmed_ms: number
  last_order: number
}

interface PastTable {
  past_no: Generated<number>
  tenant_id: string
  device_no: number
  path_no: number
  label_no: number
  content_no: number
  from_ms: number
  from_order: number
  from_baseline: number
  to_ms: number
  to_order: number
  /** Position in TO_KINDS. */
  to_kind: number
  confirmed_ms: number
}

/** From a content to the places that hold it; derived from `observe_present`, and written a little later. */
interface HoldingTable {
  content_no: number
  device_no: number
  path_no: number
  label_no: number
}

interface HoldingChangeTable {
  change_no: Generated<number>
  /** Of one transaction, packed. */
  changes: Uint8Array
}

interface CoverageTable {
  tenant_id: string
  device_no: number
  surface: string
  first_collected_ms: number
  baseline: number
  last_event_ms: number
}

interface FindingTable {
  finding_no: Generated<number>
  finding_id: string
  tenant_id: string
  device_no: number
  group_key: Uint8Array
  surface: string
  item_id: string
  item_name: string
  rule_id: string
  title: string
  rationale: string
  severity: Severity
  /** JSON object. */
  evidence: string
  count: number
  first_observed_ms: number
  last_observed_ms: number
  state: Generated<FindingState>
  resolution: Resolution | null
  resolved_ms: number | null
  resolved_by: string | null
  reopen_count: Generated<number>
  transitions: Generated<number>
}

/** What is left to do when the life of a device ended, or its data is to go. */
interface EndingTable {
  ending_no: Generated<number>
  tenant_id: string
  device_no: number
  device_id: string
  purpose: EndingPurpose
  /** The moment intervals end. */
  ended_ms: number
  asked_ms: number
  /** JSON object: how many rows of what kind were dealt with so far. */
  counts: string
}

export type EndingPurpose = 'close' | 'delete'

interface SensorTable {
  device_no: number
  tenant_id: string
  checked_in_ms: number | null
  reported_generation: string | null
  served_generation: string | null
  served_ms: number | null
  hints: number
  hinted_generation: string | null
  sync_hinted_ms: number | null
  refused_generation: string | null
  backlog_events: number
  backlog_bytes: number
  resnapshot_requested: number
  resnapshot_ms: number | null
  changed_ms: number
}
