// A copy of the last configuration that could be used, beside the database: a slip in the file must not switch an agent
// off (sensor-agent 3.1). The copy is taken and found here; what a good file is, configuration.ts decides.
import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { renderTemplate } from '@muster/kernel'
import { readIfThere, writeWhole } from '../folder/private-file.ts'
import { PlainFault } from '../plain-fault.ts'
import { absolutePath } from './absolute-path.ts'
import { beginningOf } from './beginning-of.ts'
import { type AgentConfiguration, readConfiguration } from './configuration.ts'
import { mostConfigBytes } from './import.ts'
import { defaultDataDir, type Machine } from './machine.ts'
import { withoutSyncToken, withoutToken } from './without-token.ts'

const folderIn = (dataDir: string): string => join(dataDir, 'last-good')

/** Named after the file it is a copy of, because the name tells its language. */
const copyOf = (dataDir: string, file: string): string => join(folderIn(dataDir), basename(file))
const copyOfImported = (dataDir: string, file: string): string => join(folderIn(dataDir), `imported-${basename(file)}`)

const textOf = (file: string): string => beginningOf(file, mostConfigBytes).toString()

/** Null where a token cannot be cut out with certainty: no copy is better than one of a secret. */
const ownText = (file: string, { enrollmentToken, isTokenImported }: AgentConfiguration): string | null => {
  const text = textOf(file)
  const cut = text.includes('enrollmentToken') ? withoutToken(file, text) : null
  return cut ?? (enrollmentToken === null || isTokenImported ? text : null)
}

const importedText = (file: string): string | null => withoutSyncToken(file, textOf(file))

/** Where each copy goes, and what is in it; what is imported first, because the copy of the file relies on it. */
const copiesFor = (file: string, configuration: AgentConfiguration): readonly (readonly [string, string | null])[] => {
  const { dataDir, importedFile } = configuration
  const copy = copyOf(dataDir, file)
  if (importedFile === file) return [[copy, importedText(file)]]
  const own = [copy, ownText(file, configuration)] as const
  return importedFile === null ? [own] : [[copyOfImported(dataDir, importedFile), importedText(importedFile)], own]
}

/** Keeps the text of the file, and of the one it imports, without their tokens. */
export const keepLastGood = (configuration: AgentConfiguration, mkdir: (path: string) => void): void => {
  const { file, dataDir } = configuration
  const copies = file === null ? [] : copiesFor(file, configuration)
  if (copies.some(([, text]) => text === null)) return
  for (const [copy, text] of copies) {
    if (text === null || readIfThere(copy) === text) continue
    mkdir(folderIn(dataDir))
    writeWhole(copy, text)
  }
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

/** Null when there is no copy, or none that is of use to this version of the agent. */
const earlier = (file: string, machine: Machine): AgentConfiguration | null => {
  const from = resolve(file, '..')
  // A file may be broken by its length, too.
  const said = existsSync(file) ? dataDirIn(textOf(file), machine) : null
  const dataDir = said === null ? defaultDataDir(machine) : absolutePath(said, { base: from, home: machine.home })
  const copy = copyOf(dataDir, file)
  if (!existsSync(copy)) return null
  const importedAt = (imported: string): string => copyOfImported(dataDir, imported)
  try {
    return { ...readConfiguration(copy, machine, { from, importedAt }), file }
  } catch (fault) {
    if (fault instanceof PlainFault) return null
    throw fault
  }
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
