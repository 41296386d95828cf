// A developer's home directory, invented: projects with sources, each with the lockfile of some package manager.
// It is the same in every run; how lockfiles are spelled is lockfiles.ts.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDice } from '../events/dice.ts'
import { inventLockfile, inventNames } from '../events/packages.ts'
import { MANAGERS } from './lockfiles.ts'

export interface HomePlan {
  readonly lockfiles: number
  readonly packages: number
}

export interface Home extends HomePlan {
  readonly path: string
  /** One of its npm lockfiles, for whoever edits something. */
  readonly npmLockfile: string
  readonly bytes: number
}

const projectsPerFolder = 25
const sourceFolders = ['src', 'src/parts', 'test']
const filesPerFolder = 6

const spellings = MANAGERS.flatMap(({ projects, spell }) => Array.from({ length: projects }, () => spell))

const addSources = (project: string): void => {
  for (const folder of sourceFolders) {
    mkdirSync(join(project, folder), { recursive: true })
    for (let no = 0; no < filesPerFolder; no++) writeFileSync(join(project, folder, `part-${no}.txt`), `part ${no}\n`)
  }
}

export const generateHome = (path: string, { lockfiles, packages }: HomePlan): Home => {
  const names = inventNames()
  const dice = createDice(7)
  let bytes = 0
  let npmLockfile = ''
  for (let no = 0; no < lockfiles; no++) {
    const group = `group-${Math.floor(no / projectsPerFolder)}`
    const project = join(path, no % 2 === 0 ? 'src' : 'Projects', group, `project-${no}`)
    addSources(project)
    const spell = spellings[no % spellings.length] as (typeof spellings)[number]
    const { name, text } = spell(inventLockfile(names, Math.round(packages / lockfiles), dice))
    writeFileSync(join(project, name), text)
    bytes += Buffer.byteLength(text)
    if (name === 'package-lock.json') npmLockfile = join(project, name)
  }
  return { path, lockfiles, packages, npmLockfile, bytes }
}
