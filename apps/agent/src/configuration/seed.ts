// Gives a machine its first configuration file, and never touches one that is there (sensor-agent 3.1).
// What stands in it is default-file.ts.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf } from '../plain-fault.ts'

/** `kept`: there is one already, perhaps since a moment ago. Throws when the folder or the file cannot be made. */
export const seed = (path: string, text: string): 'written' | 'kept' => {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new Error(`write ${path}`, { cause })
  }
  try {
    // Exclusive: of two agents that start at once, one writes and the other finds it written.
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
    return 'written'
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return 'kept'
    throw new Error(`write ${path}`, { cause })
  }
}
