// The authorities, the tokens of machines and of operators, and the feed of what changed.
// Devices and groups are 0001.
import { columnTypes, type Engine, type Migration } from '@muster/storage'
import { sql } from 'kysely'

const enrollmentTables = (engine: Engine) => {
  const { int, text, key } = columnTypes(engine)
  return [
    sql`create table identity_enrollment_token (
      token_no ${key},
      token_id ${text} not null unique,
      tenant_id ${text} not null,
      digest ${text} not null unique,
      label ${text} not null,
      max_uses ${int} not null,
      use_count ${int} not null,
      expires_ms ${int} not null,
      planes ${text} not null,
      group_nos ${text} not null,
      tags ${text} not null,
      allow_reenroll ${int} not null,
      created_by ${text} not null,
      created_ms ${int} not null,
      revoked_by ${text},
      revoked_ms ${int},
      last_used_ms ${int},
      failure_count ${int} not null,
      last_failure ${text}
    )`,
    sql`create index identity_enrollment_token_by_tenant on identity_enrollment_token (tenant_id, token_no)`,
    sql`create table identity_enrollment_use (
      token_no ${int} not null,
      key_fingerprint ${text} not null,
      tenant_id ${text} not null,
      device_no ${int} not null,
      used_ms ${int} not null,
      primary key (token_no, key_fingerprint)
    )`,
  ]
}

const operatorTables = (engine: Engine) => {
  const { int, text, key } = columnTypes(engine)
  return [
    sql`create table identity_authority (
      authority_no ${key},
      authority_id ${text} not null unique,
      state ${text} not null,
      certificate_pem ${text} not null,
      expires_ms ${int} not null,
      retired_ms ${int}
    )`,
    sql`create table identity_operator_token (
      token_no ${key},
      token_id ${text} not null unique,
      tenant_id ${text} not null,
      name ${text} not null,
      role ${text} not null,
      digest ${text} not null unique,
      created_by ${text} not null,
      created_by_name ${text} not null,
      created_ms ${int} not null,
      expires_ms ${int} not null,
      last_used_ms ${int},
      revoked_ms ${int}
    )`,
    sql`create index identity_operator_token_by_tenant on identity_operator_token (tenant_id, token_no)`,
    sql`create table identity_change (
      change_no ${key},
      kind ${text} not null,
      subject_no ${int} not null,
      at_ms ${int} not null
    )`,
  ]
}

export const credentials: Migration = {
  name: '0002-credentials',
  async up(db, engine) {
    for (const statement of [...enrollmentTables(engine), ...operatorTables(engine)]) await statement.execute(db)
  },
}
