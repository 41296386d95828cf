// The server's own tables: remembered requests and the probe row. Everything else belongs to the rooms.
// Their SQL is in idempotency/store.ts and health/store.ts.
import { columnTypes, type RoomMigrations } from '@muster/storage'
import { sql } from 'kysely'

export const serverMigrations: RoomMigrations = {
  room: 'server',
  migrations: [
    {
      name: '001_idempotency',
      async up(db, engine) {
        const type = columnTypes(engine)
        await sql`create table server_idempotency (
          request_no ${type.key},
          key_digest text not null unique,
          tenant_id text not null,
          request_digest text not null,
          sealed_reply ${type.bytes},
          created_ms ${type.int} not null
        )`.execute(db)
        await sql`create index server_idempotency_created on server_idempotency (created_ms)`.execute(db)
      },
    },
    {
      name: '002_probe',
      async up(db, engine) {
        const { int } = columnTypes(engine)
        await sql`create table server_probe (probe_no ${int} primary key, written_ms ${int} not null)`.execute(db)
      },
    },
  ],
}
