// Browser sessions: opened with an operator's credential, known again by a cookie, ended by signing out (fleet-product 3.3).
// The cookie itself is the http edge's; what the operator may do is asked per route as for any credential.
import { BEARER_PREFIX, ID_PREFIX } from '@muster/contract'
import {
  type Clock,
  equalInConstantTime,
  type Log,
  newBearer,
  newId,
  ok,
  type Result,
  refuse,
  Secret,
  sha256Hex,
} from '@muster/kernel'
import type { Storage } from '@muster/storage'
import type { OperatorAuth } from '../operators/auth.ts'
import type { IdentifyOperator } from '../operators/identify.ts'
import { holdToken, type TokenMemory } from '../operators/memory.ts'
import { loadOperatorToken, loadOperatorTokenByNo, type OperatorTokenRow } from '../operators/store.ts'
import { type By, byOperator, type KnownOperator } from '../speakers.ts'
import type { TakeTurn } from '../turns.ts'
import { endOfSession, isLiving, isUseWorthWriting } from './decide.ts'
import {
  deleteEndedSessions,
  deleteSession,
  insertSession,
  loadSession,
  type SessionRow,
  updateSessionUse,
} from './store.ts'

type OpenRefusal = 'credential_invalid' | 'address_not_allowed'

export interface OpenedSession {
  readonly operator: KnownOperator
  /** What the browser keeps; it is stored as a digest only. */
  readonly cookie: Secret
}

export interface Sessions {
  /** `token` is any credential the API takes as a bearer. */
  open(
    token: string,
    said: { readonly ip: string; readonly requestId: string },
  ): Promise<Result<OpenedSession, OpenRefusal>>
  /** Asked on every request that comes with a cookie; one indexed read. */
  identify(cookie: string, ip: string): Promise<Result<KnownOperator, OpenRefusal>>
  /** False when there was no session to end. */
  close(by: By, operator: KnownOperator): Promise<boolean>
}

export interface SessionsNeeds {
  readonly storage: Storage
  readonly takeTurn: TakeTurn
  readonly identify: IdentifyOperator
  readonly memory: TokenMemory
  readonly auth: OperatorAuth
  /** A good session came from an address its token may not be used from. */
  readonly onElsewhere: (operator: KnownOperator, ip: string) => void
  /** Somebody is let in from this address. */
  readonly onUse: (operator: KnownOperator, ip: string) => Promise<void>
  readonly clock: Clock
  readonly log: Log
}

/** By what this server believes credentials that are not in its database; a digest, so that it can be stored. */
const beliefOf = (auth: OperatorAuth): string => {
  if (auth.kind === 'static') return sha256Hex(`static ${auth.token.reveal()}`)
  return auth.kind === 'jwt' ? sha256Hex(`jwt ${auth.secret.reveal()}`) : auth.kind
}

/** Follows from the cookie, so that it is the same on every server and nothing more needs to be stored. */
const csrfTokenOf = (cookie: string): string => sha256Hex(`csrf ${cookie}`)

/** Whether the word a page sent with a write is that of its session. */
export const isCsrfToken = (said: string, operator: KnownOperator): boolean =>
  operator.session !== undefined && equalInConstantTime(said, operator.session.csrfToken)

const withSession = (operator: KnownOperator, row: SessionRow, cookie: string): KnownOperator => ({
  ...operator,
  session: {
    sessionNo: row.session_no,
    sessionId: row.session_id,
    csrfToken: csrfTokenOf(cookie),
    expiresMs: row.expires_ms,
  },
})

const sessionTarget = ({ session_id: id }: SessionRow) => ({ type: 'session', id })

const createOpen =
  ({ takeTurn, identify, auth }: SessionsNeeds): Sessions['open'] =>
  async (token, { ip, requestId }) => {
    const known = await identify(`Bearer ${token}`, ip)
    if (!known.ok)
      return known.refusal.code === 'address_not_allowed' ? refuse('address_not_allowed') : refuse('credential_invalid')
    const operator = known.value
    const { tenantId, tokenId } = operator
    const cookie = newBearer(BEARER_PREFIX.session)
    const row = await takeTurn(async (turn) => {
      await deleteEndedSessions(turn.tx, turn.nowMs)
      const held = tokenId === null ? undefined : await loadOperatorToken(turn.tx, tenantId, tokenId)
      const opened = await insertSession(turn.tx, {
        session_id: newId(ID_PREFIX.session),
        tenant_id: tenantId,
        digest: sha256Hex(cookie),
        token_no: held?.token_no ?? null,
        operator: held === undefined ? JSON.stringify(operator) : null,
        believed_by: held === undefined ? beliefOf(auth) : null,
        created_ms: turn.nowMs,
        last_used_ms: turn.nowMs,
        expires_ms: endOfSession(turn.nowMs, operator.expiresMs),
      })
      const by = byOperator(operator, ip, requestId)
      turn.record({ by, tenantId, action: 'session.opened', target: sessionTarget(opened) })
      return opened
    })
    return ok({ operator: withSession(operator, row, cookie), cookie: new Secret(cookie) })
  }

/** Whoever the session stands for, if it still stands for anybody. */
const decideOperator = (
  row: SessionRow,
  token: OperatorTokenRow | undefined,
  belief: string,
  nowMs: number,
): KnownOperator | undefined => {
  const facts = {
    expiresMs: row.expires_ms,
    lastUsedMs: row.last_used_ms,
    token: token === undefined ? null : { expiresMs: token.expires_ms, revokedMs: token.revoked_ms },
    believedBy: row.believed_by,
  }
  if (!isLiving(facts, belief, nowMs)) return undefined
  return token === undefined ? (JSON.parse(row.operator ?? 'null') as KnownOperator) : holdToken(token).operator
}

const createIdentify = (needs: SessionsNeeds): Sessions['identify'] => {
  const { storage, memory, auth, clock, log, onElsewhere, onUse } = needs
  const belief = beliefOf(auth)
  const noteUse = async (row: SessionRow, nowMs: number): Promise<void> => {
    if (!isUseWorthWriting(row.last_used_ms, nowMs)) return
    if (row.token_no !== null) memory.noteUse(row.token_no, nowMs)
    try {
      await storage.write((tx) => updateSessionUse(tx, [{ session_no: row.session_no, last_used_ms: nowMs }]))
    } catch (err) {
      log.warn('use of a session not written yet', { err })
    }
  }
  return async (cookie, ip) => {
    const row = await loadSession(storage.quick, sha256Hex(cookie))
    if (row === undefined) return refuse('credential_invalid')
    const token = row.token_no === null ? undefined : await loadOperatorTokenByNo(storage.quick, row.token_no)
    const nowMs = clock.nowMs()
    const operator = decideOperator(row, token, belief, nowMs)
    if (operator === undefined) return refuse('credential_invalid')
    if (token !== undefined && holdToken(token).networks?.holds(ip) === false) {
      onElsewhere(operator, ip)
      return refuse('address_not_allowed')
    }
    await noteUse(row, nowMs)
    await onUse(operator, ip)
    return ok(withSession(operator, row, cookie))
  }
}

export const createSessions = (needs: SessionsNeeds): Sessions => ({
  open: createOpen(needs),
  identify: createIdentify(needs),
  close: (by, { session, tenantId }) =>
    needs.takeTurn(async (turn) => {
      if (session === undefined || !(await deleteSession(turn.tx, session.sessionNo))) return false
      turn.record({ by, tenantId, action: 'session.closed', target: { type: 'session', id: session.sessionId } })
      return true
    }),
})
