// The engine of the lane: watches, polls and scans every surface, from a start to a stop (sensor-agent 2.2 to 2.4, 14).
// One scan is scan/scan.ts; what is told to a server, and when the engine starts anew, is the lane's business.
import type { Clock, Log } from '@muster/kernel'
import type { ObserveSettings } from '../../../configuration/configuration.ts'
import type { Collector } from '../collect/snapshot.ts'
import type { Scanned, Scanner } from '../scan/scan.ts'
import type { ScanStore } from '../scan/store.ts'
import { decidePlan, pathCounts, route, type Signal, type WatchPlan, type Wish, watchIssueOf } from '../watch/decide.ts'
import { findHomeSignals } from '../watch/home-signals.ts'
import { createWatcher, type Watcher } from '../watch/watcher.ts'
import { createDebounce, type Debounce } from './debounce.ts'
import { createDispatcher } from './dispatcher.ts'
import { createScheduler, type Scheduler } from './scheduler.ts'
import { createTouchedFiles, type TouchedFiles } from './touched.ts'

export interface EngineNeeds {
  readonly settings: () => ObserveSettings
  readonly collectors: (settings: () => ObserveSettings) => readonly Collector[]
  readonly scanner: Scanner
  readonly scans: ScanStore
  readonly clock: Clock
  readonly log: Log
  /** A surface was scanned and something was committed. */
  readonly onScanned: (scanned: Scanned) => void
  /** Something could not be written; where the database is damaged, nothing more can be done with it. */
  readonly onFault: (fault: unknown) => void
}

export interface Engine {
  /** Watches and scans everything once; resolves when both is done, or the engine was stopped meanwhile. */
  start(): Promise<void>
  /** Resolves when nothing of it is left running; a scan that is cut off leaves its surface as it was. */
  stop(): Promise<void>
  /** Asks for a scan of every surface now. */
  scanAll(): Promise<void>
  isRunning(): boolean
}

/** One life of the engine: whatever was begun under another does nothing (sensor-agent 2.3). */
interface Generation {
  readonly ended: AbortController
  readonly collectors: readonly Collector[]
  readonly scheduler: Scheduler
  readonly debounce: Debounce
  readonly touched: TouchedFiles
  readonly watchers: Watcher[]
  poll: NodeJS.Timeout | null
}

type World = EngineNeeds & { current: Generation | null }

const isCurrent = (world: World, generation: Generation): boolean => world.current === generation

const scanSurface = (world: World, generation: Generation, surface: string): Promise<void> => {
  const collector = generation.collectors.find((candidate) => candidate.surface === surface)
  if (collector === undefined || !isCurrent(world, generation)) return Promise.resolve()
  return generation.scheduler.request(surface, async () => {
    const touched = generation.touched.take(surface)
    const scanned = await world.scanner.scan(collector, generation.ended.signal, touched)
    if (scanned !== null && isCurrent(world, generation)) world.onScanned(scanned)
  })
}

/** Whatever events told or did not tell of: this is what finds everything. */
const scanEvery = async (world: World, generation: Generation): Promise<void> => {
  const scanWhole = (surface: string): Promise<void> => {
    generation.touched.note(surface, null)
    return scanSurface(world, generation, surface)
  }
  await Promise.all(generation.collectors.map(({ surface }) => scanWhole(surface)))
}

const complain = (world: World, surfaces: Iterable<string>, issue: string): void => {
  for (const surface of surfaces) world.scans.recordWatchIssue(surface, issue, world.clock.nowMs())
  world.log.warn('file events cannot be relied on; polling goes on', { 'error.code': issue })
}

const handle = (world: World, generation: Generation, { surfaces, reason, touched }: Signal): void => {
  if (!isCurrent(world, generation)) return
  const issue = watchIssueOf(reason)
  if (issue !== null) complain(world, surfaces, issue)
  for (const surface of surfaces) {
    generation.touched.note(surface, touched)
    generation.debounce.signal(surface)
  }
}

const openWatcher = (world: World, generation: Generation, plan: WatchPlan): Watcher => {
  const { surfaces } = plan
  const dispatcher = createDispatcher(async (signal) => {
    try {
      handle(world, generation, signal)
    } catch (fault) {
      world.onFault(fault)
    }
  })
  return createWatcher({
    plan,
    onChange: (path, isFolder) =>
      dispatcher.dispatch(
        path === null
          ? { surfaces, reason: 'dropped', touched: null }
          : {
              surfaces: route(plan, path, isFolder),
              reason: 'changed',
              touched: isFolder ? null : new Set([path]),
            },
      ),
    onRootChange: () => dispatcher.dispatch({ surfaces, reason: 'root_changed', touched: null }),
    onUnavailable: (concerned, reason) => {
      if (isCurrent(world, generation)) complain(world, concerned, `watching is not possible: ${reason}`)
    },
  })
}

/** Only told to people: watching goes on without it. */
const recordWatchPaths = ({ scans, onFault }: World, plan: WatchPlan): void => {
  try {
    scans.recordWatchPaths(pathCounts(plan))
  } catch (fault) {
    onFault(fault)
  }
}

const wishOf = ({ surface, interests }: Collector): Wish => ({ surface, interests: interests?.() ?? [] })

const watchWishes = async (world: World, generation: Generation): Promise<WatchPlan> => {
  const plan = decidePlan(generation.collectors.map(wishOf))
  const own = openWatcher(world, generation, plan)
  generation.watchers.push(own)
  recordWatchPaths(world, plan)
  await own.ready
  return plan
}

/** Apart from the collectors' own wishes, so that the search of a whole home delays nothing. */
const watchSignals = async (world: World, generation: Generation, plan: WatchPlan): Promise<void> => {
  const signals = await findHomeSignals(world.settings().watch.homeSignalScan, plan.surfaces, generation.ended.signal)
  if (!isCurrent(world, generation)) return
  const [issue] = signals.issues
  if (issue !== undefined) complain(world, plan.surfaces, `${issue.reason}: ${issue.path}`)
  if (signals.wishes.length === 0) return
  const more = openWatcher(world, generation, decidePlan(signals.wishes))
  generation.watchers.push(more)
  await more.ready
}

const schedulePoll = (world: World, generation: Generation): void => {
  generation.poll = setTimeout(() => {
    void scanEvery(world, generation).then(() => {
      if (isCurrent(world, generation)) schedulePoll(world, generation)
    })
  }, world.settings().watch.pollIntervalSeconds * 1000)
}

const beginGeneration = (world: World): Generation => {
  const generation: Generation = {
    ended: new AbortController(),
    collectors: world.collectors(world.settings),
    scheduler: createScheduler(world.onFault),
    debounce: createDebounce(
      () => world.settings().watch.debounceMilliseconds,
      (surface) => void scanSurface(world, generation, surface),
    ),
    touched: createTouchedFiles(),
    watchers: [],
    poll: null,
  }
  world.current = generation
  return generation
}

const endGeneration = async (world: World, generation: Generation): Promise<void> => {
  world.current = null
  generation.ended.abort()
  if (generation.poll !== null) clearTimeout(generation.poll)
  for (const watcher of generation.watchers) watcher.close()
  generation.debounce.cancel()
  await generation.scheduler.cancel()
}

export const createEngine = (needs: EngineNeeds): Engine => {
  const world: World = { ...needs, current: null }
  let turns: Promise<void> = Promise.resolve()
  let newest = 0

  /** Ends the life that is on; of several that ask at once, one after the other. */
  const endCurrent = (): Promise<void> => {
    turns = turns.then(async () => {
      if (world.current !== null) await endGeneration(world, world.current)
    })
    return turns
  }

  const live = async (generation: Generation): Promise<void> => {
    const watching = watchWishes(world, generation)
    const watchingSignals = watching.then((plan) => watchSignals(world, generation, plan))
    watchingSignals.catch((fault: unknown) => {
      if (!generation.ended.signal.aborted) world.onFault(fault)
    })
    await Promise.all([scanEvery(world, generation), watching.catch(() => {})])
    if (!isCurrent(world, generation)) return
    schedulePoll(world, generation)
    // What changed after its scan and before its watch stood, nobody told of.
    void watchingSignals.then(() => scanEvery(world, generation)).catch(() => {})
  }

  return {
    async start() {
      newest += 1
      const ticket = newest
      await endCurrent()
      // Whoever asked later starts in this one's place.
      if (ticket === newest) await live(beginGeneration(world))
    },
    async stop() {
      newest += 1
      await endCurrent()
    },
    async scanAll() {
      const generation = world.current
      if (generation !== null) await scanEvery(world, generation)
    },
    isRunning: () => world.current !== null,
  }
}
