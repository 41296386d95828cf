// One item for each file that a search finds: skills, rules, agents, commands (sensor-agent 6).
// What is searched for, and where, is each collector's.
import { basename, dirname } from 'node:path'
import { type ConfigGathering, deepSearch, type FolderSearch, type Place, type Walk } from './config-gathering.ts'

export interface FileItems {
  readonly kind: string
  readonly origin: string
  readonly walk?: Walk
  /** Of the file's path; its own name unless told otherwise. */
  readonly nameOf?: (path: string) => string
}

export const gatherFolderFiles = async (
  gathering: ConfigGathering,
  folders: readonly FolderSearch[],
  { kind, origin, walk = deepSearch, nameOf = basename }: FileItems,
): Promise<void> => {
  for (const folder of folders) {
    for (const path of await gathering.find(folder, walk)) {
      await gathering.file({ path, reach: 'itself' }, { kind, origin, name: nameOf(path) })
    }
  }
}

export const folderName = (path: string): string => basename(dirname(path))

/** A skill is a folder with a `SKILL.md`, and is called like it. */
export const gatherSkills = async (
  gathering: ConfigGathering,
  places: readonly Place[],
  origin: string,
): Promise<void> => {
  const folders = places.map((place) => ({ ...place, isWanted: (name: string) => name === 'SKILL.md' }))
  await gatherFolderFiles(gathering, folders, { kind: 'skill', origin, nameOf: folderName })
}
