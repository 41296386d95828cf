// The tables of policies, revisions, generations and assignments.
// What their rows mean is tables.ts.
import { columnTypes, type Engine, type Migration } from '@muster/storage'
import { sql } from 'kysely'

const policyTables = (engine: Engine) => {
  const { int, text, key } = columnTypes(engine)
  // Lists by name need the order of bytes on both engines, so that a list and its cursor agree.
  const orderedText = engine === 'sqlite' ? text : sql`text collate "C"`
  return [
    sql`create table observe_policy_tenant (
      tenant_id ${text} primary key,
      last_number ${int} not null,
      changes ${int} not null
    )`,
    sql`create table observe_policy (
      policy_no ${key},
      policy_id ${text} not null unique,
      tenant_id ${text} not null,
      name ${orderedText} not null,
      description ${text} not null,
      created_ms ${int} not null,
      revision_count ${int} not null,
      published_revision_no ${int},
      unique (tenant_id, name)
    )`,
    sql`create table observe_revision (
      revision_no ${key},
      revision_id ${text} not null unique,
      tenant_id ${text} not null,
      policy_no ${int} not null,
      number ${int} not null,
      status ${text} not null,
      yaml ${text} not null,
      source_repository ${text},
      source_commit ${text},
      created_by ${text} not null,
      created_ms ${int} not null,
      unique (policy_no, number)
    )`,
  ]
}

const generationTables = (engine: Engine) => {
  const { int, text, bytes } = columnTypes(engine)
  return [
    sql`create table observe_generation (
      tenant_id ${text} not null,
      number ${int} not null,
      generation ${text} not null,
      policy_no ${int} not null,
      revision_no ${int} not null,
      published_at_change ${int} not null,
      capability_set ${text} not null,
      sha256 ${text} not null,
      bundle ${bytes} not null,
      dropped_rules ${text} not null,
      published_by ${text} not null,
      published_ms ${int} not null,
      primary key (tenant_id, number)
    )`,
    sql`create index observe_generation_by_policy on observe_generation (policy_no, capability_set, number)`,
    sql`create table observe_bundle (
      policy_no ${int} not null,
      capability_set ${text} not null,
      tenant_id ${text} not null,
      number ${int} not null,
      primary key (policy_no, capability_set)
    )`,
    sql`create table observe_assignment (
      tenant_id ${text} not null,
      group_no ${int} not null,
      policy_no ${int} not null,
      priority ${int} not null,
      primary key (tenant_id, group_no),
      unique (tenant_id, priority)
    )`,
  ]
}

export const policyMigrations: readonly Migration[] = [
  {
    name: 'policy_001_revisions',
    async up(db, engine) {
      for (const statement of policyTables(engine)) await statement.execute(db)
    },
  },
  {
    name: 'policy_002_generations',
    async up(db, engine) {
      for (const statement of generationTables(engine)) await statement.execute(db)
    },
  },
  {
    name: 'policy_003_versions',
    async up(db, engine) {
      const { int } = columnTypes(engine)
      await sql`alter table observe_policy add column version ${int} not null default 0`.execute(db)
      await sql`alter table observe_policy_tenant add column assignments_version ${int} not null default 0`.execute(db)
    },
  },
]
