// The database of a server that is stopped, with its tables and units: for whoever writes into it what hours of use would have.
// Starting a server is server.ts.
import { systemClock } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { openServerStorage } from '../open-storage.ts'

export const openStoppedStorage = (dataDir: string): Promise<Storage> =>
  openServerStorage(
    { db: { engine: 'sqlite' }, dataDir },
    { clock: systemClock, units: [new URL('../units.ts', import.meta.url)] },
  )
