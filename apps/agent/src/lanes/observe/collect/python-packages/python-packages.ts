// The surface pythonPackages: what Python projects below the project roots declare, constrain and pin
// (sensor-agent 6.8). Each format has a reader of its own.
import { matchesGlob } from '../../../../program/glob.ts'
import type { PackageFormat } from '../gathering.ts'
import { createPackageFiles, type PackageFilesNeeds, type ProjectWalk, pathOf } from '../package-files.ts'
import type { Collector } from '../snapshot.ts'
import { readPyproject } from './pyproject.ts'
import { CONSTRAINT_KIND, REQUIREMENT_KIND, readRequirements } from './requirements.ts'
import { readPylock, readUvLock } from './toml-locks.ts'

export const PYTHON_SURFACE = 'pythonPackages'

export interface PythonOrder extends ProjectWalk {
  readonly includeUV: boolean
  readonly includePyProject: boolean
  readonly includeRequirements: boolean
  readonly includePylock: boolean
  readonly requirementFileGlobs: readonly string[]
}

interface NamedFormat extends PackageFormat {
  readonly toggle: 'includeUV' | 'includePyProject' | 'includePylock'
}

const resolved = 'pythonResolvedPackage'

const formats: ReadonlyMap<string, NamedFormat> = new Map<string, NamedFormat>([
  ['uv.lock', { toggle: 'includeUV', kind: resolved, origin: 'uv', read: readUvLock }],
  ['pylock.toml', { toggle: 'includePylock', kind: resolved, origin: 'pylock', read: readPylock }],
  ['pyproject.toml', { toggle: 'includePyProject', kind: REQUIREMENT_KIND, origin: 'pyproject', read: readPyproject }],
])

const isRequirements = (name: string, order: PythonOrder): boolean =>
  order.includeRequirements && order.requirementFileGlobs.some((glob) => matchesGlob(glob, name))

export const createPythonPackages = (order: () => PythonOrder, needs: PackageFilesNeeds = {}): Collector =>
  createPackageFiles({
    surface: PYTHON_SURFACE,
    ...needs,
    order,
    isWanted(name, wanted) {
      const format = formats.get(name)
      return format === undefined ? isRequirements(name, wanted) : wanted[format.toggle]
    },
    async read(file, gathering) {
      const format = formats.get(file.name)
      if (format !== undefined) return await gathering.gather(pathOf(file), format)
      const kind = file.name.startsWith('constraints') ? CONSTRAINT_KIND : REQUIREMENT_KIND
      await readRequirements(pathOf(file), kind, gathering)
    },
  })
