// `muster-agent reset`: forgets who this device is to its server; with --all, everything the agent owns.
// The key, the inventory and what waits survive a plain reset (sensor-agent 12.4).
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isFolderInUse, openDataFolder } from '../folder/data-folder.ts'
import { deviceKeyFile, nextKeyFile } from '../folder/device-key.ts'
import { enrollmentFile } from '../lanes/observe/enroll/enrollment.ts'
import { laneDatabase } from '../lanes/observe/lane-database.ts'
import { policyFile } from '../lanes/observe/policy/policy.ts'
import { identityFiles, laneFolder } from '../lanes/telemetry/identity.ts'
import { COMPILED_FOLDER } from '../service/facts.ts'
import type { CommandContext } from './context.ts'

export const reset = async ({ configuration, arguments: asked, print }: CommandContext): Promise<void> => {
  const { dataDir } = configuration
  const database = laneDatabase(dataDir)
  const identity = [enrollmentFile(dataDir), policyFile(dataDir), ...identityFiles(dataDir)]
  const kept = [database, `${database}-wal`, `${database}-shm`, join(dataDir, COMPILED_FOLDER)]
  const everything = [...identity, laneFolder(dataDir), deviceKeyFile(dataDir), nextKeyFile(dataDir), ...kept]
  if (!existsSync(dataDir)) {
    print('there is nothing to reset\n')
    return
  }
  // A running agent notices within a minute that its enrolment is gone, and joins again; its database stays its own.
  const folder = !asked.all && isFolderInUse(dataDir) ? null : openDataFolder(dataDir)
  try {
    const doomed = (asked.all ? everything : identity).filter((path) => existsSync(path))
    for (const path of doomed) {
      rmSync(path, { recursive: true })
      print(`removed ${path}\n`)
    }
    const next = 'put a new enrollmentToken into the configuration to join again'
    print(doomed.length === 0 ? 'there is nothing to reset\n' : `${next}\n`)
  } finally {
    folder?.close()
  }
}
