// The surface cargoPackages: what the `Cargo.lock` files below the project roots pin. It is one of ours, announced by
// sensorVersion. What a file says is cargo-lock.ts.
import { createPackageFiles, type PackageFilesNeeds, type ProjectWalk, pathOf } from '../package-files.ts'
import type { Collector } from '../snapshot.ts'
import { readCargoLock } from './cargo-lock.ts'

export const CARGO_SURFACE = 'cargoPackages'

export const createCargoPackages = (order: () => ProjectWalk, needs: PackageFilesNeeds = {}): Collector =>
  createPackageFiles({
    surface: CARGO_SURFACE,
    ...needs,
    order,
    isWanted: (name) => name === 'Cargo.lock',
    async read(file, gathering) {
      await gathering.gather(pathOf(file), { kind: 'package', origin: 'cargo', read: readCargoLock })
    },
  })
