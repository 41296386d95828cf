// The owner's ceiling as a heartbeat tells it (ARCHITECTURE 6): short, and with nothing of the file but what it settles.
// What it settles is configuration/ceiling.ts; it is told so that people see it who cannot see the file.
import { CEILING_BOUNDS, type HeartbeatCeiling } from '@muster/contract/device'
import { ownerCeiling } from '../../../configuration/ceiling.ts'
import type { AgentConfiguration } from '../../../configuration/configuration.ts'

const { maxRoots, maxRootLength } = CEILING_BOUNDS

export const ceilingOf = (configuration: AgentConfiguration): HeartbeatCeiling => {
  const { planes, scanRoots, jobs } = ownerCeiling(configuration, configuration.observe)
  const roots = planes.includes('observe') ? [...new Set(scanRoots)] : []
  const told = roots.filter((root) => root.length <= maxRootLength).slice(0, maxRoots)
  return { planes: [...planes], scan_roots: told, scan_roots_left_off: roots.length - told.length, jobs }
}
