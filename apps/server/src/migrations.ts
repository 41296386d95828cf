// The server's own tables: remembered replies, claims on their keys, the probe row, retention and legal holds. Everything else belongs to the rooms.
// Their SQL is in the store.ts of reply-memory/, health/, retention/ and legal-hold/.
import { loadLastScanned, noteScanned } from '@muster/identity/scanned'
import { loadScannedAfter } from '@muster/observe'
import { columnTypes, type RoomMigrations } from '@muster/storage'
import { sql } from 'kysely'

export const serverMigrations: RoomMigrations = {
  room: 'server',
  shared: { server_claim: 'digests of keys that operators made up, of which each request knows its own' },
  migrations: [
    {
      name: '001_reply',
      async up(db, engine) {
        const type = columnTypes(engine)
        await sql`create table server_reply (
          reply_no ${type.key},
          key_digest text not null unique,
          sealed_reply ${type.bytes} not null,
          created_ms ${type.int} not null
        )`.execute(db)
        await sql`create index server_reply_created on server_reply (created_ms)`.execute(db)
      },
    },
    {
      name: '002_probe',
      async up(db, engine) {
        const { int } = columnTypes(engine)
        await sql`create table server_probe (probe_no ${int} primary key, written_ms ${int} not null)`.execute(db)
      },
    },
    {
      name: '003_claim',
      async up(db, engine) {
        const { int } = columnTypes(engine)
        await sql`create table server_claim (
          key_digest text primary key,
          claim_id text not null,
          request_digest text not null,
          until_ms ${int} not null
        )`.execute(db)
      },
    },
    {
      name: '004_retention',
      async up(db, engine) {
        const type = columnTypes(engine)
        await sql`create table server_retention (
          tenant_id text primary key,
          version ${type.int} not null,
          terms text not null
        )`.execute(db)
        await sql`create table server_legal_hold (
          hold_no ${type.key},
          hold_id text not null unique,
          tenant_id text not null,
          device_no ${type.int},
          device_id text,
          reason text not null,
          placed_by text not null,
          placed_ms ${type.int} not null,
          released_by text,
          released_ms ${type.int}
        )`.execute(db)
        await sql`create index server_legal_hold_tenant on server_legal_hold (tenant_id, hold_no)`.execute(db)
      },
    },
    {
      name: '005_claim_effect',
      async up(db, engine) {
        const { int } = columnTypes(engine)
        await sql`alter table server_claim add column holder text`.execute(db)
        await sql`alter table server_claim add column effect ${int} not null default 0`.execute(db)
      },
    },
    {
      // What the observe plane knew before identity kept it with the device, some thousand devices at a time.
      name: '006_scanned',
      async up(db) {
        const some = await loadScannedAfter(db, await loadLastScanned(db), 5000)
        return (await noteScanned(db, some)) > 0 ? 'more' : undefined
      },
    },
  ],
}
