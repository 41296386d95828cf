// Which devices hold a content: an index over presence that is written a few seconds behind it, many changes at a time.
// A package is on any device, so each event alone would touch a page of its own; sorted, neighbours share theirs.
import { setImmediate as nextTurn, setTimeout as rest } from 'node:timers/promises'
import { createSharedRun, serialize, type UnitHost } from '@muster/storage'
import { cellsEach, netChanges } from './decide.ts'
import { applyChanges, dropChanges, type LoadedChanges, loadChanges } from './store.ts'

export interface Holdings {
  /** Told once changes are on disk, how many there are. */
  grew(changes: number): void
  /** Everything that was on disk before is in the index when it resolves. */
  settle(): Promise<void>
}

type Host = Pick<UnitHost, 'engine' | 'db' | 'write' | 'sample' | 'onShutdown'>

/** Whoever searches settles first; this is for when nobody does. */
const settleAfterMs = 2000
const settleAtChanges = 100_000
/** So many are written in two to eight milliseconds, and then others have their turn. */
const leastPerTurn = 1000
const mostPerTurn = 4000
/**
 * What was gathered in two seconds is written within nearly as long, while nobody waits for it: all at once it would be a
 * burst of a third of the writer's time, and in many small turns the disk is waited for as often.
 */
const turnsPerRun = 20
const restMs = 40
/** When more has come than so many turns take, it must not come faster than it goes. */
const shortRestMs = 10

function* inRuns(net: Iterable<number>, most: number): Generator<readonly number[]> {
  let run: number[] = []
  for (const start of net) {
    run.push(start)
    if (run.length < most) continue
    yield run
    run = []
  }
  if (run.length > 0) yield run
}

const changesPerTurn = (changes: number): number =>
  Math.min(mostPerTurn, Math.max(leastPerTurn, Math.ceil(changes / turnsPerRun)))

/** SQLite has one writer for everybody, so it is given back in between; what is applied twice does no harm. */
const settleInTurns = async (host: Host, isAwaited: () => boolean): Promise<LoadedChanges> => {
  const loaded = await loadChanges(host.db)
  const perTurn = changesPerTurn(loaded.cells.length / cellsEach)
  const pauseMs = perTurn < mostPerTurn ? restMs : shortRestMs
  for (const starts of inRuns(netChanges(loaded.cells), perTurn)) {
    // Promises alone would keep the thread from hearing who else is there.
    await (isAwaited() ? nextTurn() : rest(pauseMs))
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

const settleAll = async (host: Host, isAwaited: () => boolean): Promise<void> => {
  const settle = host.engine === 'sqlite' ? settleInTurns : settleAtOnce
  while (!(await settle(host, isAwaited)).isAll);
}

export const createHoldings = (host: Host): Holdings => {
  let waiting = 0
  let timer: NodeJS.Timeout | undefined
  let latest: Promise<void> | undefined
  let awaited = 0

  const run = createSharedRun(async () => {
    clearTimeout(timer)
    timer = undefined
    host.sample('holding_changes', waiting)
    waiting = 0
    await settleAll(host, () => awaited > 0)
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
    grew(changes) {
      waiting += changes
      if (waiting < settleAtChanges) settleLater()
      else settle().catch(settleLater)
    },
  }
}
