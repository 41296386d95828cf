// `backup FOLDER`: a copy of everything the server owns, taken while it runs.
// What is copied and how is backup/.
import { systemClock } from '@muster/kernel'
import { takeBackup } from '../backup/backup.ts'
import { inspectFolder } from '../folder/data-folder.ts'
import { PlainFault } from '../plain-fault.ts'
import type { RunCommand } from './command.ts'

export const run: RunCommand = async ({ names: [toFolder = ''], server: { settings }, console }) => {
  const { dataDir, db } = settings
  if (inspectFolder(dataDir) !== 'ours') throw new PlainFault(`data folder ${dataDir}: there is nothing to back up yet`)
  const { files } = await takeBackup({ dataDir, database: db.engine, toFolder, clock: systemClock })
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  console.say(`backed up ${files.length} files, ${bytes} bytes, to ${toFolder}; it holds private keys, keep it safe`)
  if (db.engine === 'postgres') {
    console.say(`the database is not in it: run pg_dump --format=custom --file=muster.dump ${db.shown}`)
  }
  return 0
}
