// Fills a server's database with an invented history: rows in the order of their keys, indexes built afterwards.
// It is a program of its own, because it keeps its thread busy for minutes; the tables are as the server made them.
import { DatabaseSync } from 'node:sqlite'
import { contentAt, contents, devices, historyOf, packagesPerLockfile } from './shape.ts'

export interface GenerateOrder {
  readonly file: string
  readonly millions: number
}

const surface = 'javascriptPackages'
const dayMs = 86_400_000
const tenant = 'default'
/** One interval in so many is over. */
const pastEvery = 5

const names = (db: DatabaseSync): void => {
  const content = db.prepare(`insert into observe_content (content_no, tenant_id, digest, surface, kind, name, version,
    origin, attributes) values (?, '${tenant}', randomblob(16), '${surface}', 'package', ?, ?, 'npm', '{}')`)
  const label = db.prepare(
    `insert into observe_label (label_no, tenant_id, digest, label) values (?, '${tenant}', randomblob(16), ?)`,
  )
  const coordinate = db.prepare(`insert into observe_coordinate (tenant_id, ecosystem, name, version, content_no)
    values ('${tenant}', 'npm', ?, ?, ?)`)
  for (let rank = 0; rank < contents; rank++) {
    const { contentNo, name, version } = contentAt(rank)
    content.run(contentNo, name, version)
    label.run(contentNo, `${surface}/package/${name}/${version}`)
    coordinate.run(name, version, contentNo)
  }
}

const places = (db: DatabaseSync, lockfilesPerDevice: number, nowMs: number): void => {
  const path = db.prepare(
    `insert into observe_path (path_no, tenant_id, digest, path) values (?, '${tenant}', randomblob(16), ?)`,
  )
  const coverage = db.prepare(`insert into observe_coverage (tenant_id, device_no, surface, first_collected_ms,
    baseline, last_event_ms) values ('${tenant}', ?, '${surface}', ?, 1, ?)`)
  for (let device = 1; device <= devices; device++) {
    coverage.run(device, nowMs - 400 * dayMs, nowMs)
    for (let lockfile = 0; lockfile < lockfilesPerDevice; lockfile++)
      path.run(
        (device - 1) * lockfilesPerDevice + lockfile + 1,
        `/Users/u${device}/Developer/p${lockfile}/package-lock.json`,
      )
  }
}

/**
 * Every place of every lockfile of a run of devices, with a number that scatters; the cube is rankAt's. A JavaScript
 * number arrives as a real one, hence the cast.
 */
const placed = (lockfilesPerDevice: number): string => `
  with recursive every(n) as (select cast(?1 as integer) union all select n + 1 from every where n + 1 < ?2),
  scattered as (select n, n / ${packagesPerLockfile} as path, n % ${packagesPerLockfile} as place,
    ((n * 2654435761) >> 8) & 65535 as chance from every),
  placed as (select n, path / ${lockfilesPerDevice} + 1 as device_no, path + 1 as path_no, chance,
    (place + chance / 65536.0) / ${packagesPerLockfile} as share, place from scattered),
  chosen as (select n, device_no, path_no, chance, 1 + place +
    cast(${contents - packagesPerLockfile} * share * share * share as integer) as content_no from placed)`

const intervals = (db: DatabaseSync, lockfilesPerDevice: number, nowMs: number): void => {
  const perDevice = lockfilesPerDevice * packagesPerLockfile
  const from = `${nowMs - 365 * dayMs} + chance * 400000`
  const present =
    db.prepare(`insert into observe_present (tenant_id, device_no, path_no, label_no, content_no, from_ms, from_order,
    from_baseline, confirmed_ms, last_order) ${placed(lockfilesPerDevice)}
    select '${tenant}', device_no, path_no, content_no, content_no, ${from}, ${2 ** 42} + n % ${perDevice}, chance & 1, ${nowMs},
    ${2 ** 42} + n % ${perDevice} from chosen where n % ${pastEvery} <> 0`)
  const past =
    db.prepare(`insert into observe_past (tenant_id, device_no, path_no, label_no, content_no, from_ms, from_order,
    from_baseline, to_ms, to_order, to_kind, confirmed_ms) ${placed(lockfilesPerDevice)}
    select '${tenant}', device_no, path_no, content_no, content_no, ${from}, ${2 ** 42} + n % ${perDevice}, chance & 1,
    ${from} + ${dayMs}, ${2 ** 42} + n % ${perDevice} + 1, chance & 1, ${from} + ${dayMs}
    from chosen where n % ${pastEvery} = 0`)
  const step = 100 * perDevice
  for (let first = 0; first < devices * perDevice; first += step) {
    const end = Math.min(first + step, devices * perDevice)
    present.run(first, end)
    past.run(first, end)
  }
}

/** Takes the indexes away and gives back what makes them again. */
const withoutIndexes = (db: DatabaseSync): readonly string[] => {
  const rows = db
    .prepare(`select name, sql from sqlite_master where type = 'index' and sql is not null
      and tbl_name in ('observe_present', 'observe_past')`)
    .all()
  for (const row of rows) db.exec(`drop index "${String(row['name'])}"`)
  return rows.map((row) => String(row['sql']))
}

const generate = ({ file, millions }: GenerateOrder): void => {
  const { lockfilesPerDevice } = historyOf(millions)
  const db = new DatabaseSync(file)
  db.exec(`pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive;
    pragma cache_size = -1000000; pragma threads = 2`)
  const nowMs = Date.now()
  const indexes = withoutIndexes(db)
  db.exec('begin')
  names(db)
  places(db, lockfilesPerDevice, nowMs)
  intervals(db, lockfilesPerDevice, nowMs)
  for (const sql of indexes) db.exec(sql)
  db.exec(`insert into observe_holding select content_no, device_no, path_no, label_no from observe_present
    where content_no is not null order by content_no, device_no, path_no, label_no`)
  db.exec('commit; pragma journal_mode = wal')
  db.close()
}

// Whoever started this keeps it waiting for its order.
process.channel?.ref()
process.once('message', (order: GenerateOrder) => {
  generate(order)
  process.send?.({})
  process.channel?.unref()
})
