// The tables of sync, inventory, findings and what is known of each device's sensor.
// Policies bring their own; the order of the list is the order of application.
import { columnTypes, type Engine, type Migration } from '@muster/storage'
import { type CreateTableBuilder, type Kysely, sql } from 'kysely'

// biome-ignore format: one line reads better
type Db = Kysely<any>

/** Text whose order is that of its bytes on both engines, so that prefixes are ranges. */
const orderedText = (engine: Engine) => (engine === 'sqlite' ? sql`text` : sql`text collate "C"`)

/**
 * Events are numbered as they come and go oldest first, so SQLite need not remember the highest number ever given; doing
 * so costs a tenth of an insert.
 */
const eventKey = (engine: Engine) => (engine === 'sqlite' ? sql`integer primary key` : columnTypes(engine).key)

/** A table whose rows lie in the order of their primary key, where the engine can do that. */
const clustered = <T extends string, C extends string>(
  table: CreateTableBuilder<T, C>,
  engine: Engine,
): CreateTableBuilder<T, C> => (engine === 'sqlite' ? table.modifyEnd(sql`without rowid`) : table)

const createSync = async (db: Db, engine: Engine): Promise<void> => {
  const type = columnTypes(engine)
  await db.schema
    .createTable('observe_sync')
    .addColumn('device_no', type.int, (column) => column.primaryKey())
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('epoch', type.int, (column) => column.notNull())
    .addColumn('contiguous', type.int, (column) => column.notNull())
    .addColumn('assumed', type.int, (column) => column.notNull())
    .addColumn('islands', 'text', (column) => column.notNull())
    .addColumn('last_acked', type.int, (column) => column.notNull())
    .addColumn('received_ms', type.int, (column) => column.notNull())
    .addColumn('skew_ms', type.int)
    .execute()
  await db.schema
    .createTable('observe_event')
    .addColumn('event_no', eventKey(engine))
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('device_no', type.int, (column) => column.notNull())
    .addColumn('event_key', type.bytes, (column) => column.notNull())
    .addColumn('epoch', type.int, (column) => column.notNull())
    .addColumn('sequence', type.int, (column) => column.notNull())
    .addColumn('surface', 'text', (column) => column.notNull())
    .addColumn('kind', type.int, (column) => column.notNull())
    .addColumn('body', type.int, (column) => column.notNull())
    .addColumn('observed_ms', type.int, (column) => column.notNull())
    .addColumn('collected_ms', type.int, (column) => column.notNull())
    .addColumn('received_ms', type.int, (column) => column.notNull())
    .addColumn('payload', type.bytes, (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('observe_event_key')
    .unique()
    .on('observe_event')
    .columns(['device_no', 'event_key'])
    .execute()
  await db.schema
    .createTable('observe_dead_letter')
    .addColumn('dead_letter_no', type.key)
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('device_no', type.int, (column) => column.notNull())
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addColumn('sequence', type.int, (column) => column.notNull())
    .addColumn('code', 'text', (column) => column.notNull())
    .addColumn('raw', type.bytes, (column) => column.notNull())
    .addColumn('received_ms', type.int, (column) => column.notNull())
    .execute()
}

const createNames = async (db: Db, engine: Engine): Promise<void> => {
  const type = columnTypes(engine)
  for (const [table, key, text] of [
    ['observe_path', 'path_no', 'path'],
    ['observe_label', 'label_no', 'label'],
  ] as const) {
    await db.schema
      .createTable(table)
      .addColumn(key, type.key)
      .addColumn('tenant_id', 'text', (column) => column.notNull())
      .addColumn('digest', type.bytes, (column) => column.notNull())
      .addColumn(text, orderedText(engine), (column) => column.notNull())
      .execute()
    await db.schema.createIndex(`${table}_digest`).unique().on(table).columns(['digest', 'tenant_id']).execute()
  }
  await db.schema
    .createTable('observe_content')
    .addColumn('content_no', type.key)
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('digest', type.bytes, (column) => column.notNull())
    .addColumn('surface', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('version', 'text')
    .addColumn('origin', 'text')
    .addColumn('detail', 'text')
    .addColumn('installed_on_request', type.int)
    .addColumn('attributes', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('observe_content_digest')
    .unique()
    .on('observe_content')
    .columns(['digest', 'tenant_id'])
    .execute()
  const coordinate = db.schema
    .createTable('observe_coordinate')
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('ecosystem', 'text', (column) => column.notNull())
    .addColumn('name', orderedText(engine), (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('content_no', type.int, (column) => column.notNull())
    .addColumn('declared_by', 'text')
    .addPrimaryKeyConstraint('observe_coordinate_pk', ['tenant_id', 'ecosystem', 'name', 'version', 'content_no'])
  await clustered(coordinate, engine).execute()
}

const createPresent = async (db: Db, engine: Engine): Promise<void> => {
  const type = columnTypes(engine)
  const present = db.schema
    .createTable('observe_present')
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('device_no', type.int, (column) => column.notNull())
    .addColumn('path_no', type.int, (column) => column.notNull())
    .addColumn('label_no', type.int, (column) => column.notNull())
    .addColumn('content_no', type.int)
    .addColumn('from_ms', type.int, (column) => column.notNull())
    .addColumn('from_order', type.int, (column) => column.notNull())
    .addColumn('from_baseline', type.int, (column) => column.notNull())
    .addColumn('confirmed_ms', type.int, (column) => column.notNull())
    .addColumn('last_order', type.int, (column) => column.notNull())
    .addPrimaryKeyConstraint('observe_present_pk', ['device_no', 'path_no', 'label_no'])
  await clustered(present, engine).execute()
  await db.schema
    .createIndex('observe_present_content')
    .on('observe_present')
    .columns(['content_no', 'device_no'])
    .execute()
}

const createPast = async (db: Db, engine: Engine): Promise<void> => {
  const type = columnTypes(engine)
  await db.schema
    .createTable('observe_past')
    .addColumn('past_no', type.key)
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('device_no', type.int, (column) => column.notNull())
    .addColumn('path_no', type.int, (column) => column.notNull())
    .addColumn('label_no', type.int, (column) => column.notNull())
    .addColumn('content_no', type.int, (column) => column.notNull())
    .addColumn('from_ms', type.int, (column) => column.notNull())
    .addColumn('from_order', type.int, (column) => column.notNull())
    .addColumn('from_baseline', type.int, (column) => column.notNull())
    .addColumn('to_ms', type.int, (column) => column.notNull())
    .addColumn('to_order', type.int, (column) => column.notNull())
    .addColumn('to_kind', type.int, (column) => column.notNull())
    .addColumn('confirmed_ms', type.int, (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('observe_past_item')
    .on('observe_past')
    .columns(['device_no', 'path_no', 'label_no', 'from_order'])
    .execute()
  await db.schema.createIndex('observe_past_content').on('observe_past').columns(['content_no', 'device_no']).execute()
  await db.schema.createIndex('observe_past_ended').on('observe_past').columns(['to_ms']).execute()
}

const createCoverage = async (db: Db, engine: Engine): Promise<void> => {
  const type = columnTypes(engine)
  const coverage = db.schema
    .createTable('observe_coverage')
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('device_no', type.int, (column) => column.notNull())
    .addColumn('surface', 'text', (column) => column.notNull())
    .addColumn('first_collected_ms', type.int, (column) => column.notNull())
    .addColumn('baseline', type.int, (column) => column.notNull())
    .addColumn('last_event_ms', type.int, (column) => column.notNull())
    .addPrimaryKeyConstraint('observe_coverage_pk', ['device_no', 'surface'])
  await clustered(coverage, engine).execute()
  await db.schema
    .createIndex('observe_coverage_surface')
    .on('observe_coverage')
    .columns(['tenant_id', 'surface', 'device_no', 'baseline'])
    .execute()
}

const createFindings = async (db: Db, engine: Engine): Promise<void> => {
  const type = columnTypes(engine)
  await db.schema
    .createTable('observe_finding')
    .addColumn('finding_no', type.key)
    .addColumn('finding_id', 'text', (column) => column.notNull().unique())
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('device_no', type.int, (column) => column.notNull())
    .addColumn('group_key', type.bytes, (column) => column.notNull())
    .addColumn('surface', 'text', (column) => column.notNull())
    .addColumn('item_id', 'text', (column) => column.notNull())
    .addColumn('item_name', 'text', (column) => column.notNull())
    .addColumn('rule_id', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('rationale', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('evidence', 'text', (column) => column.notNull())
    .addColumn('count', type.int, (column) => column.notNull())
    .addColumn('first_observed_ms', type.int, (column) => column.notNull())
    .addColumn('last_observed_ms', type.int, (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('observe_finding_group')
    .unique()
    .on('observe_finding')
    .columns(['device_no', 'group_key'])
    .execute()
  await db.schema
    .createIndex('observe_finding_newest')
    .on('observe_finding')
    .columns(['tenant_id', 'last_observed_ms', 'finding_no'])
    .execute()
}

const createSensor = async (db: Db, engine: Engine): Promise<void> => {
  const type = columnTypes(engine)
  await db.schema
    .createTable('observe_sensor')
    .addColumn('device_no', type.int, (column) => column.primaryKey())
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('checked_in_ms', type.int)
    .addColumn('reported_generation', 'text')
    .addColumn('served_generation', 'text')
    .addColumn('served_ms', type.int)
    .addColumn('hints', type.int, (column) => column.notNull())
    .addColumn('hinted_generation', 'text')
    .addColumn('sync_hinted_ms', type.int)
    .addColumn('refused_generation', 'text')
    .addColumn('backlog_events', type.int, (column) => column.notNull())
    .addColumn('backlog_bytes', type.int, (column) => column.notNull())
    .addColumn('resnapshot_requested', type.int, (column) => column.notNull())
    .addColumn('resnapshot_ms', type.int)
    .addColumn('changed_ms', type.int, (column) => column.notNull())
    .execute()
  await db.schema.createIndex('observe_sensor_changed').on('observe_sensor').columns(['changed_ms']).execute()
}

/** In place of an index on `observe_present`, which every event had to write at once. */
const createHoldings = async (db: Db, engine: Engine): Promise<void> => {
  const type = columnTypes(engine)
  const holding = db.schema
    .createTable('observe_holding')
    .addColumn('content_no', type.int, (column) => column.notNull())
    .addColumn('device_no', type.int, (column) => column.notNull())
    .addColumn('path_no', type.int, (column) => column.notNull())
    .addColumn('label_no', type.int, (column) => column.notNull())
    .addPrimaryKeyConstraint('observe_holding_pk', ['content_no', 'device_no', 'path_no', 'label_no'])
  await clustered(holding, engine).execute()
  await db.schema
    .createTable('observe_holding_change')
    .addColumn('change_no', type.key)
    .addColumn('changes', type.bytes, (column) => column.notNull())
    .execute()
  await sql`insert into observe_holding select content_no, device_no, path_no, label_no from observe_present
    where content_no is not null order by content_no, device_no, path_no, label_no`.execute(db)
  await db.schema.dropIndex('observe_present_content').execute()
}

export const inventoryMigrations: readonly Migration[] = [
  { name: '001_sync', up: createSync },
  { name: '002_names', up: createNames },
  { name: '003_present', up: createPresent },
  { name: '004_past', up: createPast },
  { name: '005_coverage', up: createCoverage },
  { name: '006_findings', up: createFindings },
  { name: '007_sensor', up: createSensor },
  { name: '008_holdings', up: createHoldings },
]
