// What lies in a server's database, read straight from its tables on either engine and spelled in this test's words.
// It trusts no code of the server's rooms; what should lie there is verdict.ts.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { AuditEntry } from '@muster/contract'
import { hitKeyOf, type Interval } from './model.ts'

export type Cell = string | number | null | Uint8Array
export type Query = (sql: string) => Promise<readonly Readonly<Record<string, Cell>>[]>

export interface StoredEvent {
  readonly eventId: string
  readonly epoch: number
  readonly sequence: number
  readonly payload: Buffer
}

export interface DeviceFacts {
  readonly deviceId: string
  readonly hostname: string
  readonly tags: readonly string[]
  readonly events: readonly StoredEvent[]
  readonly intervals: readonly Interval[]
  readonly hits: ReadonlyMap<string, number>
  /** Every sequence up to here counts as stored; 0 when the device never sent anything. */
  readonly contiguous: number
  /** How many events the announcements of its batches add up to. */
  readonly announced: number
}

export interface Facts {
  readonly devices: readonly DeviceFacts[]
  readonly audit: readonly AuditEntry[]
  readonly auditHead: { readonly seq: number; readonly hash: string }
  readonly tokenIds: readonly string[]
  readonly certificateSerials: readonly string[]
  readonly revisionIds: readonly string[]
  readonly generations: readonly string[]
}

type Rows = Awaited<ReturnType<Query>>

const text = (cell: Cell | undefined): string => String(cell ?? '')
const number = (cell: Cell | undefined): number => Number(cell ?? 0)
const bytes = (cell: Cell | undefined): Buffer => Buffer.from(cell as Uint8Array)

/** Every event id of these tests is an upper-case UUID, whose sixteen bytes are its key. */
const spellUuid = (key: Buffer): string =>
  key
    .toString('hex')
    .toUpperCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

/** What stands in a pack before each event's key: its length first, that of the payload at 6, the sequence at 10. */
const headBytes = 34

const toEvents = (pack: Rows[number]): readonly StoredEvent[] => {
  const heads = bytes(pack['heads'])
  const payloads = bytes(pack['payloads'])
  const events: StoredEvent[] = []
  let payloadAt = 0
  for (let at = 0; at < heads.length; ) {
    const keyEnd = at + headBytes + heads.readUInt16LE(at)
    const payloadEnd = payloadAt + heads.readUInt32LE(at + 6)
    events.push({
      eventId: spellUuid(heads.subarray(at + headBytes, keyEnd)),
      epoch: number(pack['epoch']),
      sequence: heads.readDoubleLE(at + 10),
      payload: payloads.subarray(payloadAt, payloadEnd),
    })
    payloadAt = payloadEnd
    at = keyEnd
  }
  if (events.length !== number(pack['event_count']) || payloadAt !== payloads.length)
    throw new Error(`a pack of ${number(pack['event_count'])} events holds ${events.length}`)
  return events
}

const toKinds = ['removed', 'replaced'] as const

const toInterval = (row: Rows[number]): Interval => ({
  surface: text(row['surface']),
  path: text(row['path']),
  name: text(row['name']),
  version: text(row['version']),
  fromMs: number(row['from_ms']),
  fromBaseline: number(row['from_baseline']) === 1,
  confirmedMs: number(row['confirmed_ms']),
  toMs: row['to_ms'] === null ? null : number(row['to_ms']),
  toKind: row['to_kind'] === null ? null : (toKinds[number(row['to_kind'])] ?? null),
})

const intervalColumns = 'held.device_no, held.from_ms, held.from_baseline, held.confirmed_ms'
const intervalNames = `join observe_path path on path.path_no = held.path_no
  join observe_content content on content.content_no = held.content_no`

const selectIntervals = `
  select ${intervalColumns}, null as to_ms, null as to_kind, path.path, content.surface, content.name, content.version
    from observe_present held ${intervalNames}
  union all
  select ${intervalColumns}, held.to_ms, held.to_kind, path.path, content.surface, content.name, content.version
    from observe_past held ${intervalNames}`

const byDevice = (rows: Rows): ((row: Rows[number]) => Rows) => {
  const groups = Map.groupBy(rows, ({ device_no: no }) => number(no))
  return ({ device_no: no }) => groups.get(number(no)) ?? []
}

const readDevices = async (query: Query): Promise<readonly DeviceFacts[]> => {
  const packs = byDevice(
    await query('select device_no, epoch, event_count, heads, payloads from observe_event_pack order by pack_no'),
  )
  const intervals = byDevice(await query(selectIntervals))
  const hits = byDevice(await query('select device_no, item_id, rule_id, count from observe_finding'))
  const tags = byDevice(await query('select device_no, tag from identity_device_tag'))
  const states = byDevice(await query('select device_no, contiguous from observe_sync'))
  const batches = await query("select body from storage_outbox where topic = 'observe.batch_stored'")
  const announced = batches.map(({ body }) => JSON.parse(text(body)) as { deviceNo: number; stored: number })
  const devices = await query('select device_no, device_id, hostname from identity_device order by device_no')
  return devices.map((device) => ({
    deviceId: text(device['device_id']),
    hostname: text(device['hostname']),
    tags: tags(device).map(({ tag }) => text(tag)),
    events: packs(device).flatMap(toEvents),
    intervals: intervals(device).map(toInterval),
    hits: new Map(
      hits(device).map((row) => [hitKeyOf(text(row['item_id']), text(row['rule_id'])), number(row['count'])]),
    ),
    contiguous: number(states(device)[0]?.['contiguous']),
    announced: announced
      .filter(({ deviceNo }) => deviceNo === number(device['device_no']))
      .reduce((sum, { stored }) => sum + stored, 0),
  }))
}

export const readFacts = async (query: Query): Promise<Facts> => {
  const column = async (sql: string): Promise<readonly string[]> =>
    (await query(sql)).map((row) => text(Object.values(row)[0]))
  const entries = await query('select body, prev_hash, hash from ledger_entry order by tenant_id, seq')
  const [head] = await query('select seq, hash from ledger_head')
  return {
    devices: await readDevices(query),
    audit: entries.map((row) => ({
      ...JSON.parse(text(row['body'])),
      prevHash: text(row['prev_hash']),
      hash: text(row['hash']),
    })),
    auditHead: { seq: number(head?.['seq']), hash: text(head?.['hash']) },
    tokenIds: await column('select token_id from identity_enrollment_token'),
    certificateSerials: await column('select serial from identity_certificate'),
    revisionIds: await column('select revision_id from observe_revision'),
    generations: await column('select generation from observe_generation'),
  }
}

/**
 * Opens a copy of the database in a data folder, as a server that starts there would find it, log included; the folder
 * itself is not touched. Throws when SQLite finds the file damaged.
 */
export const readDataFolder = async (dataDir: string): Promise<Facts> => {
  const scratch = mkdtempSync(join(tmpdir(), 'muster-chaos-'))
  try {
    for (const name of ['muster.db', 'muster.db-wal'])
      if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(scratch, name))
    const db = new DatabaseSync(join(scratch, 'muster.db'))
    try {
      const said = db.prepare('pragma integrity_check').all()
      if (JSON.stringify(said) !== '[{"integrity_check":"ok"}]')
        throw new Error(`the database is damaged: ${JSON.stringify(said).slice(0, 500)}`)
      return await readFacts(async (sql) => db.prepare(sql).all() as Rows)
    } finally {
      db.close()
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
