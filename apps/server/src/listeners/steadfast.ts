// A store that cannot take writes now is told to the caller as such; whatever else is thrown stays a defect.
// Which faults of a database pass by waiting is the storage edge's to say.
import type { Served } from '@muster/http'
import { refuse } from '@muster/kernel'
import { isStoreBusy } from '@muster/storage'

export const steadfast = <S>(served: Served<S>): Served<S> => ({
  route: served.route,
  async handle(said) {
    try {
      return await served.handle(said)
    } catch (fault) {
      if (isStoreBusy(fault)) return refuse('store_busy')
      throw fault
    }
  },
})
