// What an agent says at the gateway, and nothing of what operators do.
// Apart, so that an agent does not hold the operators' half in memory.
import { exchange, rotateCertificate } from './exchange.ts'
import { heartbeat } from './heartbeat.ts'

export const agentRoutes = { exchange, heartbeat, rotateCertificate } as const
