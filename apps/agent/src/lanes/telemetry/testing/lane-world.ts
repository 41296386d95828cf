// One lane for each test of a file: a platform over real TLS, files on a real disk, and clocks that the test moves.
// What is proved with it stands in the tests.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'node:test'
import { createLog, silentLog } from '@muster/kernel'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import { readToken, spendToken } from '../../../configuration/spend-token.ts'
import { createTokenKeeper } from '../../../configuration/token-keeper.ts'
import type { Collector } from '../facts/collect.ts'
import { type LaneEnd, runTelemetryLane } from '../lane.ts'
import { createTestTime, type TestTime } from './clocks.ts'
import { collectAtOnce } from './facts.ts'
import { scratchFolder, startPlatform, type TestPlatform } from './platform.ts'

export const rawToken = `met_${'t'.repeat(43)}`

/** What a test finds at its beginning, new for each. */
export interface TelemetryWorld {
  platform: TestPlatform
  dataDir: string
  configFile: string
  time: TestTime
  log: string[]
}

const createRuns = (w: TelemetryWorld) => {
  const running = new Set<AbortController>()
  const start = (isAlone = true, collect: Collector = collectAtOnce) => {
    const machine = readMachine({})
    const current = () => readConfiguration(w.configFile, machine)
    const keeper = createTokenKeeper({
      planes: ['telemetry'],
      read: () => readToken(current()),
      spend: () => spendToken(current(), silentLog),
    })
    const stop = new AbortController()
    running.add(stop)
    const log = createLog({ level: 'debug', destination: { write: (line) => void w.log.push(line) } })
    const needs = { configuration: current(), machine, log, token: keeper('telemetry'), isAlone, time: w.time, collect }
    const ended = runTelemetryLane(needs, stop.signal)
    return {
      ended,
      stop: (): Promise<LaneEnd> => {
        running.delete(stop)
        stop.abort()
        return ended
      },
    }
  }
  return { start, running }
}

const createViews = (w: TelemetryWorld) => {
  const beats = (): number => w.platform.heard.heartbeats.length
  return { beats, untilBeats: (count: number): Promise<void> => w.platform.until(() => beats() >= count) }
}

/** Registers what comes before and after each test of the file. */
export const useTelemetryLane = () => {
  const w = {} as TelemetryWorld
  const { start, running } = createRuns(w)
  const configure = (): void =>
    writeFileSync(
      w.configFile,
      `# ours\nserver: ${w.platform.url}\nserverCA: ${w.platform.caFile} # trusted\nenrollmentToken: ${rawToken}\n` +
        `dataDir: ${w.dataDir}\nplanes: [telemetry]\n`,
    )
  beforeEach(async () => {
    const folder = scratchFolder()
    w.platform = await startPlatform()
    w.time = createTestTime()
    w.log = []
    w.dataDir = join(folder, 'data')
    w.configFile = join(folder, 'agent.yaml')
    mkdirSync(w.dataDir, { mode: 0o700 })
    configure()
  })
  afterEach(() => {
    for (const stop of running) stop.abort()
    running.clear()
    w.platform.hangUp()
  })
  return { start, configure, ...createViews(w), here: (): TelemetryWorld => w }
}
