// The ceiling of storing: the event rows of a sync, inserted one by one through one prepared statement and nothing else.
// It is a program of its own; bare.ts starts it, says what rows, and then as often as it likes for how long.
// The durability is the server's.
import { randomFillSync } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

export interface InsertsOrder {
  readonly file: string
  readonly rowsPerTransaction: number
  readonly payloadBytes: number
  readonly devices: number
  readonly maxRows: number
}

export interface InsertsTurn {
  readonly seconds: number
}

export interface InsertsResult {
  readonly rows: number
}

const keyBytes = 16
/** What anybody would begin with: a row for each event, and its id once for each device. */
const schema = `create table observe_event (event_no integer primary key, tenant_id text not null,
  device_no integer not null, event_key blob not null, epoch integer not null, sequence integer not null,
  surface text not null, kind integer not null, body integer not null, observed_ms integer not null,
  collected_ms integer not null, received_ms integer not null, payload blob not null);
create unique index observe_event_key on observe_event (device_no, event_key)`
const insert = `insert into observe_event (tenant_id, device_no, event_key, epoch, sequence, surface, kind, body,
  observed_ms, collected_ms, received_ms, payload) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const open = ({ file }: InsertsOrder): DatabaseSync => {
  const db = new DatabaseSync(file)
  db.exec('pragma page_size = 8192; pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536')
  db.exec(schema)
  return db
}

const cut = (bytes: Buffer, size: number): readonly Buffer[] =>
  Array.from({ length: Math.floor(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )

type Inserter = (turn: InsertsTurn) => InsertsResult

const prepare = (order: InsertsOrder): Inserter => {
  const { rowsPerTransaction, payloadBytes, devices, maxRows } = order
  const keys = cut(randomFillSync(Buffer.alloc(maxRows * keyBytes)), keyBytes)
  const payloads = cut(randomFillSync(Buffer.alloc(1000 * payloadBytes)), payloadBytes)
  const db = open(order)
  const statement = db.prepare(insert)
  let rows = 0
  const insertGroup = (): void => {
    const nowMs = Date.now()
    const device = 1 + ((rows / rowsPerTransaction) % devices)
    db.exec('begin immediate')
    for (const through = rows + rowsPerTransaction; rows < through; rows++) {
      const payload = payloads[rows % payloads.length] as Buffer
      const key = keys[rows] as Buffer
      statement.run('default', device, key, 1, rows, 'javascriptPackages', 0, 0, nowMs, nowMs, nowMs, payload)
    }
    db.exec('commit')
  }
  return ({ seconds }) => {
    const fromRows = rows
    const untilMs = performance.now() + seconds * 1000
    while (performance.now() < untilMs && rows + rowsPerTransaction <= maxRows) insertGroup()
    return { rows: rows - fromRows }
  }
}

// Whoever started this keeps it waiting for its order.
process.channel?.ref()
process.once('message', (order: InsertsOrder) => {
  const insertFor = prepare(order)
  process.on('message', (turn: InsertsTurn) => process.send?.(insertFor(turn)))
  process.send?.({})
})
process.once('SIGTERM', () => process.exit(0))
