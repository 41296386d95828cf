// The cases of the bench by name, in the order in which they run.
// What each measures is in its own file.
import { devices as searchedDevices } from '../intervals/shape.ts'
import type { Row } from '../report/row.ts'
import { runAgentFirstScan, runAgentIdle, runAgentIncremental, runAgentReady } from './agent.ts'
import { runCheckIn } from './check-in.ts'
import { runDeviceList } from './device-list.ts'
import { runEnroll } from './enroll.ts'
import type { Ground } from './ground.ts'
import { runHeartbeat } from './heartbeat.ts'
import { runIdle } from './idle.ts'
import { mostConnections, runReconnect } from './reconnect.ts'
import type { Scale } from './scale.ts'
import { runSearch } from './search.ts'
import { runSoak } from './soak.ts'
import { runLargeSync, runSmallSync } from './sync.ts'
import { runWebPaint } from './web-paint.ts'

export interface Case {
  /** How many devices the fleet must have. */
  readonly devices: (scale: Scale) => number
  readonly run: (ground: Ground) => Promise<readonly Row[]>
}

export const CASES: Readonly<Record<string, Case>> = {
  'check-in': { devices: (scale) => scale.checkInConnections, run: runCheckIn },
  heartbeat: { devices: () => 0, run: runHeartbeat },
  soak: { devices: () => 0, run: runSoak },
  'sync-500': { devices: (scale) => scale.largeSyncConnections + 1, run: (ground) => runLargeSync(ground, false) },
  'sync-500-detailed': {
    devices: (scale) => scale.largeSyncConnections + 1,
    run: (ground) => runLargeSync(ground, true),
  },
  'sync-10': { devices: (scale) => scale.smallSyncConnections + 1, run: runSmallSync },
  enroll: { devices: () => 0, run: runEnroll },
  reconnect: { devices: (scale) => mostConnections(scale.reconnecting), run: runReconnect },
  idle: { devices: (scale) => scale.idle, run: runIdle },
  search: { devices: () => searchedDevices, run: runSearch },
  'device-list': { devices: () => 0, run: runDeviceList },
  'web-paint': { devices: () => 0, run: runWebPaint },
  'agent-ready': { devices: () => 0, run: runAgentReady },
  'agent-first-scan': { devices: () => 0, run: runAgentFirstScan },
  'agent-incremental': { devices: () => 0, run: runAgentIncremental },
  'agent-idle': { devices: () => 0, run: runAgentIdle },
}
