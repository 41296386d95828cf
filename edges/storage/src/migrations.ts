// The storage room's own tables: the outbox and how far its consumers are.
// What is written into them is outbox.ts; the record of migrations itself is migrate.ts.
import { columnTypes } from './dialect.ts'
import type { RoomMigrations } from './migrate.ts'

export const storageMigrations: RoomMigrations = {
  room: 'storage',
  migrations: [
    {
      name: '001_outbox',
      async up(db, engine) {
        const type = columnTypes(engine)
        await db.schema
          .createTable('storage_outbox')
          .addColumn('seq', type.key)
          .addColumn('tenant_id', 'text', (column) => column.notNull())
          .addColumn('topic', 'text', (column) => column.notNull())
          .addColumn('key', 'text', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .addColumn('created_ms', type.int, (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('storage_outbox_position')
          .addColumn('consumer', 'text', (column) => column.primaryKey())
          .addColumn('seq', type.int, (column) => column.notNull())
          .execute()
      },
    },
  ],
}
