// Which faults pass by waiting: a store that cannot take writes now is told to the caller as such.
// Which faults of a database those are is the storage edge's to say; whatever else is thrown stays a defect.
import type { ExcuseOf } from '@muster/http'
import { isStoreBusy } from '@muster/storage'

export const excuseOf: ExcuseOf = (fault) => (isStoreBusy(fault) ? 'store_busy' : undefined)
