// Machines that asked to be let in and that nobody answered: after seven days their place goes (telemetry 4.3).
// How one comes to wait is exchange/; whoever still wants in asks again, with a token that counts.
import { ID_PREFIX } from '@muster/contract'
import { type Clock, newId } from '@muster/kernel'
import { bySystem } from '../speakers.ts'
import type { TakeTurn } from '../turns.ts'
import { completionMs } from './decide.ts'
import { type AgentRow, type Db, deleteAgent, loadAgents, loadWaitingSince } from './store.ts'

export interface LapseNeeds {
  readonly db: Db
  readonly takeTurn: TakeTurn
  readonly clock: Clock
}

const batchSize = 200

const hasLapsed = (row: AgentRow, nowMs: number): boolean =>
  row.state === 'pending' && nowMs - row.enrolled_ms > completionMs

/** Ends every application that is over; each is in the history, and told of as an enrolment that failed. */
export const createLapse =
  ({ db, takeTurn, clock }: LapseNeeds) =>
  async (): Promise<void> => {
    const agentNos = await loadWaitingSince(db, clock.nowMs() - completionMs)
    for (let at = 0; at < agentNos.length; at += batchSize)
      await takeTurn(async (turn) => {
        const by = bySystem(newId(ID_PREFIX.request))
        // Read again: somebody may have said yes meanwhile.
        for (const row of await loadAgents(turn.tx, agentNos.slice(at, at + batchSize))) {
          if (!hasLapsed(row, turn.nowMs)) continue
          await deleteAgent(turn.tx, row.agent_no)
          const { tenant_id: tenantId, agent_id: id, enrollment_token_id: tokenId } = row
          const target = { type: 'agent', id }
          turn.record({ by, tenantId, action: 'agent.lapsed', target, details: { enrollmentTokenId: tokenId } })
          turn.agent({
            type: 'agent.enrollment.failed',
            tenantId,
            subjectId: tokenId,
            requestId: by.requestId,
            payload: { reason: 'approval_lapsed', enrollment_token_id: tokenId, override_attempted: false },
          })
          turn.changed('agent', row.agent_no)
        }
      })
  }
