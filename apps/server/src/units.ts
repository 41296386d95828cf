// The units that run beside the database: what the writer's thread loads.
// What each does is its room's.

import { createSync } from '@muster/observe'
import type { CreateUnits } from '@muster/storage'

export const createUnits: CreateUnits = (host) => ({ sync: createSync(host) })
