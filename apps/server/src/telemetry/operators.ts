// The telemetry facade's routes about who may come in and who is in: enrolment tokens, agents, and the turns of their lives.
// The functions are identity's, the same that the fleet API calls; machines and what they said are assets.ts.
import {
  approveAgent,
  createAgentEnrollmentToken,
  denyAgent,
  listAgentEnrollmentTokens,
  listAgents,
  reactivateAgent,
  readAgent,
  revokeAgent,
  revokeAgentEnrollmentToken,
} from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Identity, KnownOperator } from '@muster/identity'
import { by } from '../fleet/operator.ts'
import { type AssetNeeds, serveAssets } from './assets.ts'

const serveAgentTokens = ({ agentTokens }: Pick<Identity, 'agentTokens'>): readonly Served<KnownOperator>[] => [
  serve<typeof createAgentEnrollmentToken, KnownOperator>(createAgentEnrollmentToken, (said) =>
    agentTokens.create(by(said), said.speaker, said.body),
  ),
  serve<typeof listAgentEnrollmentTokens, KnownOperator>(listAgentEnrollmentTokens, ({ speaker, query }) =>
    agentTokens.list(speaker, query),
  ),
  serve<typeof revokeAgentEnrollmentToken, KnownOperator>(revokeAgentEnrollmentToken, (said) =>
    agentTokens.revoke(by(said), said.speaker, said.params.enrollment_token_id, said.body?.reason),
  ),
]

const serveAgentLives = ({ agents }: Pick<Identity, 'agents'>): readonly Served<KnownOperator>[] => [
  serve<typeof listAgents, KnownOperator>(listAgents, ({ speaker, query }) => agents.list(speaker, query)),
  serve<typeof readAgent, KnownOperator>(readAgent, ({ speaker, params }) => agents.read(speaker, params.agent_id)),
  serve<typeof approveAgent, KnownOperator>(approveAgent, (said) =>
    agents.approve(by(said), said.speaker, said.params.agent_id, said.body?.comment),
  ),
  serve<typeof denyAgent, KnownOperator>(denyAgent, (said) =>
    agents.deny(by(said), said.speaker, said.params.agent_id, said.body?.comment),
  ),
  serve<typeof revokeAgent, KnownOperator>(revokeAgent, (said) =>
    agents.revoke(by(said), said.speaker, said.params.agent_id, said.body.reason, said.body.comment),
  ),
  serve<typeof reactivateAgent, KnownOperator>(reactivateAgent, (said) =>
    agents.reactivate(by(said), said.speaker, said.params.agent_id, said.body?.comment),
  ),
]

/** The whole facade; a test holds this list against the contract's. */
export const serveFacade = (
  needs: AssetNeeds & Pick<Identity, 'agentTokens' | 'agents'>,
): readonly Served<KnownOperator>[] => [...serveAgentTokens(needs), ...serveAgentLives(needs), ...serveAssets(needs)]
