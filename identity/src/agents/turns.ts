// Changes to one agent within a turn: write, record, tell, spread the word; its device follows where it must.
// Which change is allowed is decide.ts; who asked, and for what, is agents.ts and exchange/.
import type { AgentState, TelemetryEventPayload } from '@muster/contract'
import { wholeTenant } from '../bounds.ts'
import { stepRow } from '../devices/change.ts'
import type { By } from '../speakers.ts'
import type { Turn } from '../turns.ts'
import { type AgentRow, loadAgentOfDeviceId, updateAgent } from './store.ts'

const secretless = (row: AgentRow) => ({ agent_id: row.agent_id, asset_id: row.asset_id })

/** For the history and for whoever listens; every state an agent enters is told of once. */
export const tellState = (turn: Turn, by: By, row: AgentRow, from: AgentState | null, details: object = {}): void => {
  const { tenant_id: tenantId, agent_id: agentId, state } = row
  const target = { type: 'agent', id: agentId }
  turn.record({ by, tenantId, action: `agent.${wordOf(state, from)}`, target, details: { from, ...details } })
  turn.agent({
    type: 'agent.state_changed',
    tenantId,
    subjectId: agentId,
    requestId: by.requestId,
    payload: { ...secretless(row), from, to: state },
  })
  turn.changed('agent', row.agent_no)
}

const wordOf = (state: AgentState, from: AgentState | null): string => {
  if (state === 'enrolled' && from === 'pending') return 'approved'
  if (state === 'enrolled' && from === 'stale') return 'reactivated'
  const words = { pending: 'applied', enrolled: 'enrolled', active: 'activated', stale: 'staled', revoked: 'revoked' }
  return words[state]
}

export const moveAgent = async (
  turn: Turn,
  by: By,
  row: AgentRow,
  state: AgentState,
  reason: string | null,
): Promise<AgentRow> => {
  const moved = await updateAgent(turn.tx, row.agent_no, { state, state_reason: reason })
  tellState(turn, by, moved, row.state, reason === null ? {} : { reason })
  return moved
}

export type EndReason = TelemetryEventPayload<'agent.revoked'>['reason']

/** Terminal. Older tokens stop counting, and a repeat changes nothing (telemetry 8.4 and 9). */
export const endAgent = async (turn: Turn, by: By, row: AgentRow, reason: EndReason, comment?: string) => {
  if (row.state === 'revoked') return
  const columns = { state: 'revoked', state_reason: comment ?? reason, token_epoch: row.token_epoch + 1 } as const
  const ended = await updateAgent(turn.tx, row.agent_no, columns)
  tellState(turn, by, ended, row.state, { reason, ...(comment === undefined ? {} : { comment }) })
  turn.agent({
    type: 'agent.revoked',
    tenantId: row.tenant_id,
    subjectId: row.agent_id,
    requestId: by.requestId,
    payload: { ...secretless(row), reason },
  })
}

/** The agent and the device it is, with all its certificates (ARCHITECTURE 2: revocation is shared). */
export const endAgentAndDevice = async (
  turn: Turn,
  by: By,
  row: AgentRow,
  device: { readonly deviceId: string; readonly isActive: boolean } | undefined,
  reason: EndReason,
  comment?: string,
): Promise<void> => {
  await endAgent(turn, by, row, reason, comment)
  if (device?.isActive === true)
    await stepRow(turn, by, wholeTenant(row.tenant_id), device.deviceId, 'revoke', comment ?? reason)
}

/** An operator revoked the device as such. */
export const endAgentOfDevice = async (
  turn: Turn,
  by: By,
  tenantId: string,
  deviceId: string,
  comment: string | undefined,
): Promise<void> => {
  const row = await loadAgentOfDeviceId(turn.tx, tenantId, deviceId)
  if (row !== undefined) await endAgent(turn, by, row, 'other', comment)
}
