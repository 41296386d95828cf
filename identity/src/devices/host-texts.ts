// When hosts were heard and what they say of themselves: the latest, a bounded history, and what follows from it.
// Whose turn it is to write is contacts.ts and enroll/.
import { sha256Hex } from '@muster/kernel'
import { bulkFind, bulkInsert, bulkUpdate, engineOf, type RowOf, serialize, type Tx } from '@muster/storage'
import { type Kysely, sql } from 'kysely'
import { mergeHeard } from '../silence/decide.ts'
import type { IdentityTables } from '../tables.ts'
import type { HostTexts } from '../texts.ts'

type Db = Kysely<IdentityTables>

/** Sightings kept per device; a host that changes its name every day still shows most of a month. */
const keptSightings = 20

export interface HostTextRow {
  readonly device_no: number
  readonly tenant_id: string
  readonly seen_ms: number
  readonly hostname: string
  readonly os_version: string
  readonly hardware_model: string
  readonly sensor_version: string
}

const insert = bulkInsert({
  into: 'identity_host_text',
  columns: {
    device_no: 'int',
    tenant_id: 'text',
    seen_ms: 'int',
    hostname: 'text',
    os_version: 'text',
    hardware_model: 'text',
    sensor_version: 'text',
  },
  onConflict: {
    on: ['device_no', 'seen_ms'],
    update: ['hostname', 'os_version', 'hardware_model', 'sensor_version'],
  },
})

export const insertHostTexts = async (tx: Db, rows: readonly HostTextRow[]): Promise<void> => {
  if (rows.length === 0) return
  await insert(tx, rows)
  const deviceNos = sql.join(rows.map((row) => row.device_no))
  await sql`delete from identity_host_text as held where device_no in (${deviceNos}) and seen_ms < (
    select newer.seen_ms from identity_host_text as newer where newer.device_no = held.device_no
    order by newer.seen_ms desc limit 1 offset ${sql.lit(keptSightings - 1)})`.execute(tx)
}

/** The latest texts a check-in can change; what an enrolment changes is wider and written there. */
export const updateHostTexts = bulkUpdate({
  table: 'identity_device',
  set: { os_version: 'text', sensor_version: 'text' },
  where: { device_no: 'int' },
})

const contactColumns = { device_no: 'int', tenant_id: 'text', last_contact_ms: 'int', heard_days: 'int' } as const
const upsertContacts = bulkInsert({
  into: 'identity_contact',
  columns: contactColumns,
  onConflict: { on: ['device_no'], update: ['last_contact_ms', 'heard_days'] },
})
const findContacts = bulkFind({
  from: 'identity_contact',
  select: { last_contact_ms: 'int', heard_days: 'int' },
  where: { device_no: 'int' },
})

type ContactRow = RowOf<typeof contactColumns>

const withKnown = (row: ContactRow, known: Omit<ContactRow, 'device_no' | 'tenant_id'> | undefined): ContactRow => {
  if (known === undefined) return row
  const { lastMs, days } = mergeHeard(
    { lastMs: known.last_contact_ms, days: known.heard_days },
    { lastMs: row.last_contact_ms, days: row.heard_days },
  )
  return { ...row, last_contact_ms: lastMs, heard_days: days }
}

/** Of the same device the later contact stays, and every day on which any gateway heard it, whoever writes last. */
export const mergeContacts = async (tx: Tx, rows: readonly ContactRow[]): Promise<void> => {
  // SQLite has one process that serves, and what it remembers is all there is.
  if (engineOf(tx) === 'sqlite') return void (await upsertContacts(tx, rows))
  await serialize(tx, 'identity_contact')
  const known = await findContacts(tx, rows)
  await upsertContacts(
    tx,
    rows.map((row, at) => withKnown(row, known[at])),
  )
}

/** The columns that follow from the texts; an index entry must stay small, so the order looks at 64 characters. */
export const derivedNames = (texts: HostTexts, displayName: string | null) => ({
  host_key: sha256Hex(`${texts.hostname}\0${texts.hardwareModel}`).slice(0, 32),
  sort_name: texts.hostname.toLowerCase().slice(0, 64).toWellFormed(),
  search_name: `${texts.hostname}\n${displayName ?? ''}`.toLowerCase(),
})
