// The surface goModules: what the `go.sum` files below the project roots vouch for. It is one of ours, announced by
// sensorVersion. What a file says is go-sum.ts.
import { createPackageFiles, type PackageFilesNeeds, type ProjectWalk, pathOf } from '../package-files.ts'
import type { Collector } from '../snapshot.ts'
import { readGoSum } from './go-sum.ts'

export const GO_SURFACE = 'goModules'

export const createGoModules = (order: () => ProjectWalk, needs: PackageFilesNeeds = {}): Collector =>
  createPackageFiles({
    surface: GO_SURFACE,
    ...needs,
    order,
    isWanted: (name) => name === 'go.sum',
    async read(file, gathering) {
      await gathering.gather(pathOf(file), { kind: 'package', origin: 'go', read: readGoSum })
    },
  })
