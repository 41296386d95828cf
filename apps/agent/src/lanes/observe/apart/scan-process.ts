// The process in which large scans are made, from one errand to the next, until whoever gave them is gone.
// It scans and commits as the agent itself does; when there is an errand is scan-apart.ts.
import { type Log, systemClock } from '@muster/kernel'
import { createCollectors } from '../collectors.ts'
import { type Database, isDamaged, openBeside } from '../database/open.ts'
import { isTrouble } from '../database/trouble.ts'
import { createFeedStore } from '../feed/store.ts'
import { laneDatabase } from '../lane-database.ts'
import { createOutboxStore } from '../outbox/store.ts'
import { createScanner } from '../scan/scan.ts'
import { createScanStore } from '../scan/store.ts'
import type { Errand, Outcome } from './errand.ts'

const never = new AbortController().signal

/** Whether it is over is known to whoever gives the errands, so that is where it is told. */
const reportTrouble = (_surface: string, fault: unknown): never => {
  throw fault
}

const scan = async (db: Database, errand: Errand, log: Log): Promise<Outcome> => {
  const { surface, settings, recipient, outboxOwner } = errand
  const stores = { scans: createScanStore(db), feed: createFeedStore(db), outbox: createOutboxStore(db) }
  const scanner = createScanner({
    ...stores,
    db,
    log,
    clock: systemClock,
    settings: () => settings,
    recipient: () => recipient,
    outboxOwner,
    trouble: { failed: reportTrouble, over() {} },
  })
  const collector = createCollectors(() => settings).find((candidate) => candidate.surface === surface)
  const scanned = collector === undefined ? null : await scanner.scan(collector, never)
  return { is: 'done', scanned, remembered: scanner.remembered(surface) }
}

const run = async (errand: Errand, log: Log): Promise<Outcome> => {
  let db: Database | undefined
  try {
    db = openBeside(laneDatabase(errand.dataDir))
    return await scan(db, errand, log)
  } catch (fault) {
    if (isDamaged(fault)) return { is: 'damaged', message: (fault as Error).message }
    if (isTrouble(fault)) return { is: 'troubled', message: (fault as Error).message }
    throw fault
  } finally {
    db?.close()
  }
}

/** Serves this process's parent until it is gone. */
export const serveErrands = (log: Log): void => {
  // The parent is told to stop beside it, and ends it.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {})
  process.on('disconnect', () => process.exit())
  process.on('message', (errand: Errand) => {
    void run(errand, log).then((outcome) => process.send?.(outcome))
  })
}
