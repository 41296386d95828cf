// A copy of the last configuration that could be used, beside the database: a slip in the file must not switch an agent
// off (sensor-agent 3.1). The copy is taken and found here; what a good file is, configuration.ts decides.
import { existsSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { renderTemplate } from '@muster/kernel'
import { readIfThere, writeWhole } from '../folder/private-file.ts'
import { PlainFault } from '../plain-fault.ts'
import { absolutePath } from './absolute-path.ts'
import { beginningOf } from './beginning-of.ts'
import { type AgentConfiguration, readConfiguration } from './configuration.ts'
import { mostConfigBytes } from './import.ts'
import { defaultDataDir, type Machine } from './machine.ts'
import { withoutToken } from './without-token.ts'

/** Named after the file it is a copy of, because the name tells its language. */
const copyOf = (dataDir: string, file: string): string => join(dataDir, 'last-good', basename(file))

/** Keeps the file's text without its token. A configuration that imports another file is kept by that file's owner. */
export const keepLastGood = (configuration: AgentConfiguration, mkdir: (path: string) => void): void => {
  const { file, dataDir, importedFile } = configuration
  if (file === null || importedFile !== null) return
  const text = readFileSync(file, 'utf8')
  const cut = text.includes('enrollmentToken') ? withoutToken(file, text) : null
  const kept = cut ?? (configuration.enrollmentToken === null ? text : null)
  const copy = copyOf(dataDir, file)
  if (kept === null || readIfThere(copy) === kept) return
  mkdir(join(dataDir, 'last-good'))
  writeWhole(copy, kept)
}

/** A broken file can still say where its data lies; quotes and comments around it are no part of that. */
const dataDirIn = (text: string, machine: Machine): string | null => {
  const said =
    /(?:^|[{,])[ \t]*["']?dataDir["']?[ \t]*[:=][ \t]*(?:"([^"\n]+)"|'([^'\n]+)'|([^#,}\n]+?))[ \t]*(?:[#,}].*)?$/m.exec(
      text,
    )
  const path = said?.[1] ?? said?.[2] ?? said?.[3]
  if (path === undefined) return null
  const rendered = renderTemplate(path, { machine, vars: {} })
  return 'value' in rendered ? rendered.value : null
}

export interface Usable {
  readonly configuration: AgentConfiguration
  /** What is wrong with the file, when an earlier one is used in its place. */
  readonly fault: PlainFault | null
}

const earlier = (file: string, machine: Machine): AgentConfiguration | null => {
  const base = resolve(file, '..')
  // A file may be broken by its length, too.
  const said = existsSync(file) ? dataDirIn(beginningOf(file, mostConfigBytes).toString(), machine) : null
  const dataDir = said === null ? defaultDataDir(machine) : absolutePath(said, { base, home: machine.home })
  const copy = copyOf(dataDir, file)
  if (!existsSync(copy)) return null
  // Relative paths in the copy are meant from where the file lies.
  return { ...readConfiguration(copy, machine, base), file }
}

/** The configuration as it is, or the last good one with the reason; throws the fault when there is no earlier one. */
export const readUsable = (file: string | null, machine: Machine): Usable => {
  try {
    return { configuration: readConfiguration(file, machine), fault: null }
  } catch (fault) {
    if (file === null || !(fault instanceof PlainFault)) throw fault
    const configuration = earlier(file, machine)
    if (configuration === null) throw fault
    return { configuration, fault }
  }
}
