// `migrate`: brings the database to what this program knows, without serving; useful before a rolling update.
// Migrations run forward only, and are each room's own.
import { systemClock } from '@muster/kernel'
import { openDataFolder } from '../folder/data-folder.ts'
import { openServerStorage } from '../open-storage.ts'
import type { RunCommand } from './command.ts'

export const run: RunCommand = async ({ server: { settings }, console }) => {
  const folder = openDataFolder(settings.dataDir)
  try {
    const storage = await openServerStorage(settings, { clock: systemClock, units: [] })
    await storage.close()
  } finally {
    folder.close()
  }
  console.say('the database is up to date')
  return 0
}
