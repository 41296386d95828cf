// Devices, what is known of them, and the groups they are in.
// Tokens and operators are 0002.
import { columnTypes, type Engine, type Migration } from '@muster/storage'
import { sql } from 'kysely'

/** Text whose order is that of its bytes on both engines, so that a list and its cursor agree. */
const orderedText = (engine: Engine) => (engine === 'sqlite' ? sql`text` : sql`text collate "C"`)

const deviceTable = (engine: Engine) => {
  const { int, text, key } = columnTypes(engine)
  return [
    sql`create table identity_device (
      device_no ${key},
      device_id ${text} not null unique,
      tenant_id ${text} not null,
      key_fingerprint ${text} not null,
      agent_id ${text},
      pc_id ${text},
      status ${text} not null,
      status_reason ${text},
      merged_into_no ${int},
      hostname ${text} not null,
      os_version ${text} not null,
      hardware_model ${text} not null,
      sensor_version ${text} not null,
      host_key ${text} not null,
      sort_name ${orderedText(engine)} not null,
      search_name ${text} not null,
      display_name ${text},
      owner ${text},
      notes ${text},
      planes ${text} not null,
      version ${int} not null,
      enrolled_ms ${int} not null,
      enrollment_token_id ${text},
      changed_ms ${int} not null,
      unique (tenant_id, key_fingerprint)
    )`,
    sql`create index identity_device_by_name on identity_device (tenant_id, sort_name, device_no, status)`,
    sql`create index identity_device_by_status on identity_device (tenant_id, status, sort_name, device_no)`,
    sql`create index identity_device_by_token on identity_device (tenant_id, enrollment_token_id, sort_name, device_no)`,
    sql`create index identity_device_by_host on identity_device (tenant_id, host_key) where status = 'active'`,
    sql`create index identity_device_by_merge on identity_device (merged_into_no) where merged_into_no is not null`,
  ]
}

const certificateTables = (engine: Engine) => {
  const { int, text, key } = columnTypes(engine)
  return [
    sql`create table identity_certificate (
      certificate_no ${key},
      device_no ${int} not null,
      tenant_id ${text} not null,
      authority_id ${text} not null,
      serial ${text} not null,
      fingerprint ${text} not null unique,
      issued_ms ${int} not null,
      expires_ms ${int} not null,
      revoked_ms ${int},
      revoked_by ${text}
    )`,
    sql`create index identity_certificate_by_device on identity_certificate (device_no, certificate_no)`,
    sql`create index identity_certificate_by_end on identity_certificate (tenant_id, expires_ms)`,
  ]
}

const observationTables = (engine: Engine) => {
  const { int, text } = columnTypes(engine)
  return [
    sql`create table identity_contact (
      device_no ${int} primary key,
      tenant_id ${text} not null,
      last_contact_ms ${int} not null
    )`,
    sql`create index identity_contact_by_time on identity_contact (last_contact_ms)`,
    sql`create table identity_host_text (
      device_no ${int} not null,
      tenant_id ${text} not null,
      seen_ms ${int} not null,
      hostname ${text} not null,
      os_version ${text} not null,
      hardware_model ${text} not null,
      sensor_version ${text} not null,
      primary key (device_no, seen_ms)
    )`,
  ]
}

const groupTables = (engine: Engine) => {
  const { int, text, key } = columnTypes(engine)
  return [
    sql`create table identity_device_tag (
      device_no ${int} not null,
      tenant_id ${text} not null,
      tag ${text} not null,
      primary key (device_no, tag)
    )`,
    sql`create index identity_device_tag_by_tag on identity_device_tag (tenant_id, tag, device_no)`,
    sql`create table identity_group (
      group_no ${key},
      group_id ${text} not null unique,
      tenant_id ${text} not null,
      name ${orderedText(engine)} not null,
      description ${text} not null,
      tag ${text},
      created_ms ${int} not null,
      version ${int} not null,
      unique (tenant_id, name)
    )`,
    sql`create table identity_group_member (
      group_no ${int} not null,
      device_no ${int} not null,
      tenant_id ${text} not null,
      primary key (group_no, device_no)
    )`,
    sql`create index identity_group_member_by_device on identity_group_member (device_no)`,
  ]
}

export const devices: Migration = {
  name: '0001-devices',
  async up(db, engine) {
    const parts = [deviceTable, certificateTables, observationTables, groupTables]
    for (const statement of parts.flatMap((part) => part(engine))) await statement.execute(db)
  },
}
