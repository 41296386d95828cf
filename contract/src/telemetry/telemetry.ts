// The whole telemetry wire as two tables: what agents say at the gateway, what operators say at the API.
// Everything that serves, calls or documents it walks these tables.

import { agentRoutes } from './agent-routes.ts'
import { approveAgent, denyAgent, listAgents, reactivateAgent, readAgent, revokeAgent } from './agents.ts'
import { assetTimeline, listAssets, listCollectors, readAsset } from './assets.ts'
import { createAgentEnrollmentToken, listAgentEnrollmentTokens, revokeAgentEnrollmentToken } from './tokens.ts'

export const telemetryOperatorRoutes = {
  createAgentEnrollmentToken,
  listAgentEnrollmentTokens,
  revokeAgentEnrollmentToken,
  listAgents,
  readAgent,
  approveAgent,
  denyAgent,
  revokeAgent,
  reactivateAgent,
  listAssets,
  readAsset,
  assetTimeline,
  listCollectors,
} as const

export const telemetryRoutes = { ...agentRoutes, ...telemetryOperatorRoutes } as const
