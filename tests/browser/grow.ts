// A fleet of many machines out of a few that spoke: what those are known for is told of every further one, each at its
// own time, under its own name and key. The rows are multiplied in the database, because ten thousand machines would
// take minutes to speak. What the few said is exemplars.ts.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestServer } from '@muster/server/testing'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

export interface Growth {
  /** Devices that spoke before anybody else. */
  readonly exemplarIds: readonly string[]
  /** How many there are to be. */
  readonly devices: number
  /** When the exemplars had said everything. */
  readonly spokenMs: number
  readonly nowMs: number
  /** The policy that most of them, but not all, say is in force. */
  readonly generation: string
  /** Names that some of them have instead of one like `ws-100042`. */
  readonly oddNames: readonly string[]
}

/** The first host name; numbers go up from it, so that all are equally long. */
const firstName = 100_000
/** One in so many has an odd name. */
const oddEvery = 400

/** In a hundred devices: so many fell silent for weeks, so many since some days, and so many a moment ago. */
const dormantShare = 12
const offlineShare = 27
const idleShare = 33

/** Where the copy of each exemplar goes, and how much later than the exemplar it said everything. */
const planned = ({ devices, spokenMs, nowMs }: Growth): string => {
  const restMs = nowMs - spokenMs - dayMs
  const quietMs = restMs - 12 * dayMs
  return `create temp table grown as
    with recursive every(n) as (select 0 union all select n + 1 from every where n + 1 < ${devices}),
    scattered as (select n, (n * 7919) % 100 as chance, ((n * 104729) % 10007) / 10007.0 as share from every)
    select n, chance, device_no as from_no, 1 + n + (select max(device_no) from identity_device) as device_no,
      cast(share * case when chance < ${dormantShare} then ${quietMs} else ${restMs} end as integer) as shift_ms,
      cast(case when chance < ${dormantShare} then ${spokenMs + hourMs} + share * ${quietMs}
        when chance < ${offlineShare} then ${nowMs - 20 * minuteMs} - share * ${20 * hourMs}
        when chance < ${idleShare} then ${nowMs - 4 * minuteMs} - share * ${10 * minuteMs}
        else ${nowMs} - share * ${minuteMs} end as integer) as heard_ms
    from scattered join exemplar on place = n % (select count(*) from exemplar)`
}

/** A table whose rows belong to a device; those columns that are moments move with the device. */
interface Copied {
  readonly table: string
  readonly columns: readonly string[]
  readonly moments: readonly string[]
  /** What is the copy's own. */
  readonly own?: Readonly<Record<string, string>>
}

const fresh = (bytes: number): string => `lower(hex(randomblob(${bytes})))`
const item = ['tenant_id', 'path_no', 'label_no', 'content_no', 'from_order', 'from_baseline'] as const

const copies: readonly Copied[] = [
  { table: 'observe_event_filter', columns: ['tenant_id', 'filter_no', 'key_count', 'filter'], moments: [] },
  {
    table: 'identity_certificate',
    columns: ['tenant_id', 'authority_id'],
    moments: ['issued_ms', 'expires_ms'],
    own: { serial: fresh(10), fingerprint: fresh(32) },
  },
  { table: 'identity_device_tag', columns: ['tenant_id', 'tag'], moments: [] },
  {
    table: 'observe_sync',
    columns: ['tenant_id', 'epoch', 'contiguous', 'assumed', 'islands', 'last_acked', 'skew_ms'],
    moments: ['received_ms'],
  },
  {
    table: 'observe_sensor',
    columns: ['tenant_id', 'reported_generation', 'hints', 'backlog_events', 'backlog_bytes', 'resnapshot_requested'],
    moments: ['checked_in_ms'],
    // Written when the exemplar's was, or servers would take it for news as often as they look.
    own: { changed_ms: 'source.changed_ms' },
  },
  {
    table: 'observe_coverage',
    columns: ['tenant_id', 'surface', 'baseline'],
    moments: ['first_collected_ms', 'last_event_ms'],
  },
  { table: 'observe_present', columns: [...item, 'last_order'], moments: ['from_ms', 'confirmed_ms'] },
  {
    table: 'observe_past',
    columns: [...item, 'to_order', 'to_kind'],
    moments: ['from_ms', 'to_ms', 'confirmed_ms'],
  },
  {
    table: 'observe_finding',
    columns: [
      'tenant_id',
      'group_key',
      'surface',
      'item_id',
      'item_name',
      'rule_id',
      'title',
      'rationale',
      'severity',
      'evidence',
      'count',
    ],
    moments: ['first_observed_ms', 'last_observed_ms'],
    own: { finding_id: `'fnd_' || ${fresh(10)}` },
  },
]

const copied = ({ table, columns, moments, own = {} }: Copied): string => {
  const said = [
    ...columns.map((column) => `source.${column}`),
    ...moments.map((moment) => `source.${moment} + grown.shift_ms`),
    ...Object.values(own),
  ]
  return `insert into ${table} (device_no, ${[...columns, ...moments, ...Object.keys(own)].join(', ')})
    select grown.device_no, ${said.join(', ')} from grown join ${table} as source
    on source.device_no = grown.from_no order by grown.device_no`
}

const copiedDevices = `
  insert into identity_device (device_no, device_id, tenant_id, key_fingerprint, status, hostname, os_version,
    hardware_model, sensor_version, host_key, sort_name, search_name, planes, version, enrolled_ms, enrollment_token_id,
    scanned, changed_ms)
  select grown.device_no, 'dev_' || ${fresh(10)}, tenant_id, ${fresh(32)}, status, named, os_version, hardware_model,
    sensor_version, ${fresh(16)}, lower(substr(named, 1, 64)), lower(named) || char(10), planes, 1,
    enrolled_ms + shift_ms, enrollment_token_id, scanned, changed_ms + shift_ms
  from (select grown.*, coalesce(odd.value, 'ws-' || (${firstName} + n)) as named from grown
    left join json_each(?) as odd on n % ${oddEvery} = 7 and odd.key = (n / ${oddEvery}) % ?) as grown
  join identity_device as source on source.device_no = from_no`

/**
 * Packs of events are numbered as they came. So those that came after the exemplars' make room, and the tallies, which
 * count by number, begin anew.
 */
const copiedEvents = (devices: number): readonly string[] => [
  'create temp table spoken as select max(pack_no) as last_no from observe_event_pack where device_no in (select device_no from exemplar)',
  `update observe_event_pack set pack_no = pack_no + ${devices * 1000} where pack_no > (select last_no from spoken)`,
  `insert into observe_event_pack (pack_no, tenant_id, device_no, epoch, filter_no, event_count, received_ms, surfaces,
      heads, payloads)
    select (select last_no from spoken) + row_number() over (order by source.received_ms + grown.shift_ms), tenant_id,
      grown.device_no, epoch, filter_no, event_count, received_ms + shift_ms, surfaces, later(heads, shift_ms), payloads
    from grown join observe_event_pack as source on source.device_no = grown.from_no`,
  'update observe_tally_mark set through_no = 0, deletions = deletions + 1',
  'delete from observe_tally',
  'delete from observe_activity',
]

const followed = [
  `insert into identity_host_text (device_no, tenant_id, seen_ms, hostname, os_version, hardware_model, sensor_version)
    select device.device_no, tenant_id, enrolled_ms, hostname, os_version, hardware_model, sensor_version
    from grown join identity_device as device on device.device_no = grown.device_no`,
  `insert into observe_holding (content_no, device_no, path_no, label_no)
    select content_no, device_no, path_no, label_no from observe_present
    where device_no in (select device_no from grown) and content_no is not null order by content_no, device_no`,
  `insert into identity_change (kind, subject_no, at_ms)
    select 'device', device_no, heard_ms from grown order by device_no`,
]

const takeUp = `update observe_sensor set reported_generation = ?1, served_generation = ?1
  where device_no in (select device_no from grown where chance % 5 > 0)`

/** The heads of a pack with both moments of each event that much later; they stand before the key, as pack.ts has it. */
const later = (packed: Uint8Array, shiftMs: number): Uint8Array => {
  const heads = Buffer.from(packed)
  for (let at = 0; at < heads.length; at += 34 + heads.readUInt16LE(at))
    for (const moment of [at + 18, at + 26]) heads.writeDoubleLE(heads.readDoubleLE(moment) + shiftMs, moment)
  return heads
}

const multiply = (db: DatabaseSync, growth: Growth): void => {
  db.function('later', { deterministic: true }, (heads, shiftMs) => later(heads as Uint8Array, Number(shiftMs)))
  db.prepare(`create temp table exemplar as select device_no, row_number() over (order by device_no) - 1 as place
    from identity_device where device_id in (select value from json_each(?))`).run(JSON.stringify(growth.exemplarIds))
  db.exec(`${planned(growth)}; create index temp.grown_from on grown (from_no)`)
  db.prepare(copiedDevices).run(JSON.stringify(growth.oddNames), growth.oddNames.length)
  for (const statement of [...copies.map(copied), ...copiedEvents(growth.devices), ...followed]) db.exec(statement)
  db.prepare(takeUp).run(growth.generation)
}

/** The server knows of every machine, and when it heard them last, when this resolves. */
export const growFleet = async ({ server }: { readonly server: TestServer }, growth: Growth): Promise<void> => {
  const { identity } = server.rooms
  // A connection of its own: what is written here takes longer than the server would let itself.
  const db = new DatabaseSync(join(server.dataDir, 'muster.db'), { timeout: 60_000 })
  db.exec('pragma synchronous = off; pragma cache_size = -200000; begin immediate')
  multiply(db, growth)
  const heard = db.prepare('select device_no, heard_ms from grown').all()
  // What was written goes to its place at once, unsynced, so that the server's next commit need not do it.
  db.exec('commit; pragma wal_checkpoint(truncate)')
  db.close()
  await identity.directory.refresh()
  for (const row of heard) identity.touch(Number(row['device_no']), Number(row['heard_ms']))
  await identity.flush()
}
