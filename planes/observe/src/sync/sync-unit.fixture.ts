// The sync unit alone, for tests that load it beside a database of their own.
// The server's own module brings it together with other rooms' units.
import type { CreateUnits } from '@muster/storage'
import { createSync } from './sync.ts'

export const createUnits: CreateUnits = (host) => ({ sync: createSync(host) })
