// Which devices hold a content: an index over presence that is written a few seconds behind it, many changes at a time.
// A package is on any device, so each event alone would touch a page of its own; sorted, neighbours share theirs.
import { createSharedRun, serialize, type UnitHost } from '@muster/storage'
import { cellsEach, netChanges } from './decide.ts'
import { applyChanges, dropChanges, type LoadedChanges, loadChanges } from './store.ts'
import { awaitTurn, inTurns, mostWayMs, type Others, planTurns } from './turns.ts'

export interface Holdings {
  /** Told once changes are on disk, how many there are. */
  grew(changes: number): void
  /** Told whether more wait for the writer than it takes in one go: then nothing is written for a while. */
  giveWay(isCrowded: boolean): void
  /** Everything that was on disk before is in the index when it resolves. */
  settle(): Promise<void>
}

type Host = Pick<UnitHost, 'engine' | 'db' | 'write' | 'sample' | 'onShutdown'>

/** Whoever searches settles first; this is for when nobody does. */
const settleAfterMs = 2000
const settleAtChanges = 100_000

/** SQLite has one writer for everybody, so it is given back in between; what is applied twice does no harm. */
const settleInTurns = async (host: Host, others: Others): Promise<LoadedChanges> => {
  const loaded = await loadChanges(host.db)
  const { perTurn, pauseMs } = planTurns(loaded.cells.length / cellsEach)
  let wayMs = mostWayMs
  for (const starts of inTurns(netChanges(loaded.cells), perTurn)) {
    wayMs = await awaitTurn(pauseMs, wayMs, others)
    await host.write((tx) => applyChanges(tx, loaded.cells, starts))
  }
  const { throughNo } = loaded
  if (throughNo !== undefined) await host.write((tx) => dropChanges(tx, throughNo))
  return loaded
}

/** Several servers may share a PostgreSQL; one at a time settles there. */
const settleAtOnce = (host: Host): Promise<LoadedChanges> =>
  host.write(async (tx) => {
    await serialize(tx, 'observe_holding')
    const loaded = await loadChanges(tx)
    await applyChanges(tx, loaded.cells, [...netChanges(loaded.cells)])
    if (loaded.throughNo !== undefined) await dropChanges(tx, loaded.throughNo)
    return loaded
  })

const settleAll = async (host: Host, others: Others): Promise<void> => {
  const settle = host.engine === 'sqlite' ? settleInTurns : settleAtOnce
  while (!(await settle(host, others)).isAll);
}

export const createHoldings = (host: Host): Holdings => {
  let waiting = 0
  let timer: NodeJS.Timeout | undefined
  let latest: Promise<void> | undefined
  let awaited = 0
  let crowded = false

  const run = createSharedRun(async () => {
    clearTimeout(timer)
    timer = undefined
    host.sample('holding_changes', waiting)
    waiting = 0
    await settleAll(host, { isAwaited: () => awaited > 0, isCrowded: () => crowded })
  })
  const settle = (): Promise<void> => {
    latest = run()
    return latest
  }
  // A store that is full or away refuses syncs too, which everybody hears of; the changes wait on disk until it is back.
  const settleLater = (): void => {
    timer ??= setTimeout(() => void settle().catch(settleLater), settleAfterMs).unref()
  }
  settleLater()
  host.onShutdown(async () => {
    clearTimeout(timer)
    awaited += 1
    await Promise.allSettled([latest])
    clearTimeout(timer)
  })
  return {
    async settle() {
      awaited += 1
      await settle().finally(() => (awaited -= 1))
    },
    giveWay(isCrowded) {
      crowded = isCrowded
    },
    grew(changes) {
      waiting += changes
      if (waiting < settleAtChanges) settleLater()
      else settle().catch(settleLater)
    },
  }
}
