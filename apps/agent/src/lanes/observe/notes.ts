// Small facts of the lane that outlive a restart, by name: when the server was last reached, what it last said.
// What they mean is for whoever writes them; `status` shows them.
import type { Database } from './database/open.ts'

export const NOTES = [
  /** The device the outbox belongs to. */
  'outbox.device_id',
  'sync.last_contact_ms',
  'sync.last_fault',
  'policy.fault',
  /** What is wrong with the owner's file while an earlier one is used. */
  'configuration.fault',
] as const
export type NoteName = (typeof NOTES)[number]

export const readNote = (db: Database, name: NoteName): string | null => {
  const row = db.prepare('select value from note where name = ?').get(name)
  return row === undefined ? null : String(row['value'])
}

/** Null takes the note away. */
export const writeNote = (db: Database, name: NoteName, value: string | null): void => {
  if (value === null) db.prepare('delete from note where name = ?').run(name)
  else db.prepare('insert or replace into note (name, value) values (?, ?)').run(name, value)
}
