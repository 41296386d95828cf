// What the owner's file settles and no server can raise (ARCHITECTURE 6), as people and servers are told of it.
// Keeping to it is the work of configuration.ts and lanes/observe/policy.
import type { AgentConfiguration, ObserveSettings } from './configuration.ts'

export const ownerCeiling = (
  { permittedPlanes }: Pick<AgentConfiguration, 'permittedPlanes'>,
  { ceiling }: Pick<ObserveSettings, 'ceiling'>,
) => ({
  planes: permittedPlanes,
  scanRoots: ceiling.scanRoots,
  // This program has no lane that could run a job.
  jobs: false,
})
