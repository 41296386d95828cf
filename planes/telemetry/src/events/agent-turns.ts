// Turns in the lives of agents, and of the tokens that let them in, as events and on the timeline of their asset.
// When a turn is taken is identity's, in whose transaction this is written (telemetry 9 and 13.2).
import type { TelemetryEventType } from '@muster/contract'
import type { AgentTurn } from '@muster/identity'
import { announce, type Tx } from '@muster/storage'
import { storeMoments, type TimelineMoment } from '../asset/store.ts'
import { announcementOf, createEvent } from './event.ts'

const said = (turn: AgentTurn): string | undefined => {
  switch (turn.type) {
    case 'agent.enrolled':
      return turn.payload.re_enrolled ? 'The agent enrolled again.' : 'The agent enrolled.'
    case 'agent.state_changed':
      return turn.payload.from === null
        ? `The agent is ${turn.payload.to}.`
        : `The agent went from ${turn.payload.from} to ${turn.payload.to}.`
    case 'agent.revoked':
      return `The agent was revoked: ${turn.payload.reason}.`
    case 'agent.identity.conflict':
      return turn.payload.resolution === 'superseded'
        ? 'The agent took the place of another of the same machine.'
        : 'Another agent says it is the same machine.'
    default:
      return undefined
  }
}

const momentOf = (turn: AgentTurn): readonly TimelineMoment[] => {
  const text = said(turn)
  if (text === undefined || !('asset_id' in turn.payload)) return []
  const { tenantId, subjectId: agentId, atMs, payload } = turn
  return [{ tenantId, assetId: payload.asset_id, agentId, atMs, kind: turn.type.replaceAll('.', '_'), text }]
}

const eventOf = (turn: AgentTurn) => {
  const { type, tenantId, subjectId, requestId, atMs, payload } = turn
  const event = createEvent<TelemetryEventType>({
    type,
    tenantId,
    agentId: subjectId,
    // A turn has no heartbeat; its moment and its request tell it from every other.
    heartbeatKey: `${requestId} ${atMs} ${JSON.stringify(payload)}`,
    atMs,
    requestId,
    causationId: null,
    payload,
  })
  return announcementOf(event, subjectId, atMs)
}

/** Writes what others may hear of these turns, in the transaction in which they are taken. */
export const tellAgentTurns = async (tx: Tx, turns: readonly AgentTurn[]): Promise<void> => {
  await storeMoments(tx, turns.flatMap(momentOf))
  await announce(tx, ...turns.map(eventOf))
}
