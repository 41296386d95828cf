// The owner's ceiling as a heartbeat tells it (ARCHITECTURE 6): short, and with nothing of the file but what it settles.
// Keeping to it is the work of configuration/ and lanes/observe/policy; it is told so that people see it who cannot see the file.
import { CEILING_BOUNDS, type HeartbeatCeiling } from '@muster/contract/device'
import type { AgentConfiguration } from '../../../configuration/configuration.ts'

const { maxRoots, maxRootLength } = CEILING_BOUNDS

export const ceilingOf = ({ permittedPlanes, observe }: AgentConfiguration): HeartbeatCeiling => {
  const roots = permittedPlanes.includes('observe') ? [...new Set(observe.ceiling.scanRoots)] : []
  const told = roots.filter((root) => root.length <= maxRootLength).slice(0, maxRoots)
  // This program has no lane that could run a job.
  return {
    planes: [...permittedPlanes],
    scan_roots: told,
    scan_roots_left_off: roots.length - told.length,
    jobs: false,
  }
}
