// Agents of the telemetry wire: their identities, the nonces they used, the keys that sign their tokens, and the times in
// which nobody could be heard. The machines behind them are devices, in 0001.
import { columnTypes, type Engine, type Migration } from '@muster/storage'
import { sql } from 'kysely'

const agentTables = (engine: Engine) => {
  const { int, text, key } = columnTypes(engine)
  return [
    sql`create table identity_agent (
      agent_no ${key},
      agent_id ${text} not null unique,
      tenant_id ${text} not null,
      site_id ${text} not null,
      collector_id ${text} not null,
      asset_id ${text} not null,
      device_no ${int} unique,
      key_fingerprint ${text} not null,
      agent_class ${text} not null,
      state ${text} not null,
      state_reason ${text},
      hostname ${text} not null,
      os_family ${text} not null,
      os_version ${text} not null,
      architecture ${text},
      agent_version ${text} not null,
      capabilities ${text} not null,
      fingerprint_digest ${text},
      fingerprint_confidence ${text},
      possible_clone ${int} not null,
      token_epoch ${int} not null,
      token_expires_ms ${int},
      enrollment_token_id ${text} not null,
      enrolled_ms ${int} not null,
      last_seen_ms ${int},
      clock_skew_s ${int},
      unique (tenant_id, key_fingerprint)
    )`,
    sql`create index identity_agent_by_tenant on identity_agent (tenant_id, agent_no)`,
    sql`create index identity_agent_by_fingerprint on identity_agent (tenant_id, fingerprint_digest)
      where fingerprint_digest is not null`,
  ]
}

const credentialTables = (engine: Engine) => {
  const { int, text, key } = columnTypes(engine)
  return [
    sql`create table identity_nonce (
      tenant_id ${text} not null,
      digest ${text} not null,
      kept_until_ms ${int} not null,
      primary key (tenant_id, digest)
    )`,
    sql`create index identity_nonce_by_end on identity_nonce (kept_until_ms)`,
    sql`create table identity_token_key (
      key_no ${key},
      key_id ${text} not null unique,
      public_key ${text} not null,
      issuer ${text} not null,
      created_ms ${int} not null
    )`,
    sql`create table identity_outage (outage_no ${key}, from_ms ${int} not null, through_ms ${int} not null)`,
    sql`create table identity_alive (alive_no ${int} primary key, at_ms ${int} not null)`,
  ]
}

const moreColumns = (engine: Engine) => {
  const { int, text } = columnTypes(engine)
  return [
    sql`alter table identity_enrollment_token add column site_id ${text} not null default 'site_default'`,
    sql`alter table identity_enrollment_token add column agent_classes ${text} not null default '["endpoint"]'`,
    sql`alter table identity_tenant_setting add column approval_required ${int} not null default 0`,
    sql`alter table identity_tenant_setting add column stale_after_days ${int} not null default 30`,
    sql`alter table identity_tenant_setting add column agent_auth_mode ${text} not null default 'bearer'`,
    sql`alter table identity_tenant_setting add column heartbeat_strictness ${text} not null default 'strict'`,
  ]
}

export const agents: Migration = {
  name: '0008-agents',
  async up(db, engine) {
    for (const statement of [...agentTables(engine), ...credentialTables(engine), ...moreColumns(engine)])
      await statement.execute(db)
  },
}
