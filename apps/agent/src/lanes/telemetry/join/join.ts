// Becoming an agent: joined already, or asking again and again until the server has decided (telemetry 4.3, 4.5).
// One attempt is exchange.ts, what its answer means decide.ts; which token, and taking it away, are the program's.
import { type Log, type Secret, sha256Hex } from '@muster/kernel'
import type { ServerAccess } from '../../../configuration/server-access.ts'
import { type Identity, readIdentity } from '../identity.ts'
import { backOffMs } from '../pace.ts'
import { connectPlatform, type Platform } from '../platform.ts'
import type { Time } from '../time.ts'
import { decideExchange, decideJoin, type JoinVerdict } from './decide.ts'
import { type ExchangeNeeds, exchangeBody, keepGranted } from './exchange.ts'

export interface JoinNeeds extends ExchangeNeeds {
  readonly access: ServerAccess
  readonly log: Log
  readonly time: Time
  /** The token as it is written down now, so that an edit counts without a restart. */
  readonly readToken: () => Secret | null
  /** This lane needs it no longer. */
  readonly spendToken: () => void
  /** The server said no to this token for good. */
  readonly refuseToken: (token: Secret) => void
}

type Outside = Exclude<JoinVerdict, 'joined' | 'join'>

export type Joined =
  | { readonly is: 'agent'; readonly identity: Identity }
  | { readonly is: 'outsider'; readonly because: Outside | 'refused'; readonly detail: string }
  /** The server has not decided; `waitMs` is when to ask again. */
  | { readonly is: 'waiting'; readonly because: 'pending' | 'later'; readonly waitMs: number; readonly detail: string }

const sentences: Record<Outside, string> = {
  token_missing: 'this device is not enrolled for telemetry and has no enrollmentToken',
  token_refused: 'the server refused this enrollmentToken; put a new one into the configuration',
  server_changed: 'this device is an agent of another server; run: muster-agent reset',
}

const outside = (because: Outside): Joined => ({ is: 'outsider', because, detail: sentences[because] })

interface Joining extends JoinNeeds {
  failures: number
  conflicts: number
  refusedToken: string | null
  asking: Platform | null
}

type Waiting = Joined & { is: 'waiting' }

const pending = (joining: Joining, waitMs: number): Waiting => {
  joining.failures = 0
  joining.log.info('enrolment waits for approval', { 'retry.in_ms': Math.round(waitMs) })
  return { is: 'waiting', because: 'pending', waitMs, detail: 'somebody has to approve this device at the server' }
}

const later = (joining: Joining, waitMs: number, code: string, detail: string): Waiting => {
  joining.failures += 1
  joining.log.warn('enrolment is tried again', { 'error.code': code, 'retry.in_ms': Math.round(waitMs) })
  return { is: 'waiting', because: 'later', waitMs, detail }
}

const refused = (joining: Joining, token: Secret, status: number, code: string): Joined => {
  joining.refusedToken = sha256Hex(token.reveal())
  joining.refuseToken(token)
  joining.log.error('server declined the enrolment', { 'http.status': status, 'error.code': code })
  return { is: 'outsider', because: 'refused', detail: `the server declined the enrolment for telemetry: ${code}` }
}

/** An answer that cannot be used is an attempt that failed: the token stays, and a repeat finds the same identity. */
const granted = (joining: Joining, body: Readonly<Record<string, unknown>>): Joined => {
  let identity: Identity
  try {
    identity = keepGranted(joining, body)
  } catch {
    // What lies underneath may quote what the server sent, which is secret.
    const waitMs = backOffMs(joining.failures + 1, joining.time.random())
    return later(joining, waitMs, 'answer_unusable', "the server's answer cannot be used, or not be kept")
  }
  joining.failures = 0
  joining.log.info('agent enrolled', { 'agent.id': identity.agentId })
  joining.spendToken()
  return { is: 'agent', identity }
}

const attempt = async (joining: Joining, token: Secret, platform: Platform): Promise<Joined> => {
  const { time, failures, conflicts } = joining
  const answer = await platform.exchange(await exchangeBody(joining, token))
  const verdict = decideExchange(answer, { failures, conflicts, nowMs: time.nowMs(), jitter: time.random() })
  joining.conflicts = verdict.verdict === 'again' ? conflicts + 1 : 0
  if (verdict.verdict === 'again') return attempt(joining, token, platform)
  if (verdict.verdict === 'refused') return refused(joining, token, verdict.status, verdict.code)
  if (verdict.verdict === 'pending') return pending(joining, verdict.waitMs)
  if (verdict.verdict === 'granted') return granted(joining, answer.isHeard ? answer.body : {})
  const [code, detail] = answer.isHeard
    ? [answer.code ?? `http_${answer.status}`, `the server answered with status ${answer.status}`]
    : [answer.code, answer.detail]
  return later(joining, verdict.waitMs, code, detail)
}

const join = async (joining: Joining): Promise<Joined> => {
  const { dataDir, server, access } = joining
  const token = joining.readToken()
  const identity = readIdentity(dataDir)
  const decided = decideJoin({
    server,
    identity,
    hasToken: token !== null,
    isTokenRefused: token !== null && joining.refusedToken === sha256Hex(token.reveal()),
  })
  if (decided === 'joined' && identity !== null) {
    // A crash between the two writes left identity and token: the identity wins, the token goes.
    if (token !== null) joining.spendToken()
    return { is: 'agent', identity }
  }
  if (decided !== 'join' || token === null) return outside(decided as Outside)
  const platform = connectPlatform({ server, access, identity: null })
  joining.asking = platform
  try {
    return await attempt(joining, token, platform)
  } finally {
    joining.asking = null
    platform.close()
  }
}

export const createJoining = (needs: JoinNeeds) => {
  const joining: Joining = { ...needs, failures: 0, conflicts: 0, refusedToken: null, asking: null }
  return {
    /** Who this device is to the server, asking it if that is not known; throws nothing for the network's sake. */
    join: (): Promise<Joined> => join(joining),
    /** Ends the sentence that is on, if any. */
    end: (): void => joining.asking?.close(),
  }
}

export type JoinKeeper = ReturnType<typeof createJoining>
