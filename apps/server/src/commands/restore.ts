// `restore FOLDER`: fills an empty data folder from a backup that was checked first.
// What is checked and how is backup/.
import { restoreBackup } from '../backup/restore.ts'
import { folderFault } from '../folder/data-folder.ts'
import type { RunCommand } from './command.ts'

export const run: RunCommand = async ({ names: [fromFolder = ''], server: { settings }, console }) => {
  const { dataDir, db } = settings
  try {
    const { createdAt, database } = await restoreBackup(fromFolder, dataDir)
    console.say(`restored ${dataDir} to ${createdAt}; start it with: muster-server --data-dir ${dataDir}`)
    if (database === 'postgres') console.say('the database was not in the backup: run pg_restore before you start')
    if (database !== db.engine) console.say(`the backup is of a server with --db ${database}`)
    return 0
  } catch (fault) {
    throw folderFault(dataDir, fault)
  }
}
