// The door of agents' routes: from what a request shows to the agent that speaks, and a note of every refusal.
// The order of the checks is decide.ts; signatures, rows and certificates are identity's (telemetry 11).
import type { AgentAuthMode } from '@muster/contract'
import type { AgentKnock, Peer } from '@muster/http'
import type { RefusalNote } from '@muster/identity'
import { ok, type Result } from '@muster/kernel'
import { type BindingFacts, type BindingRefusal, type BindingRow, type Credential, decideBinding } from './decide.ts'

/** Whose unrevoked certificate of ours this is. */
export type CertificateOwner = { readonly agentId: string; readonly tenantId: string } | 'foreign'

/** Who speaks on an agent's route: the row, and until when the credential it showed will do. */
export interface BoundAgent<Row extends BindingRow> {
  readonly agent: Row
  /** Null for one that showed a certificate alone. */
  readonly credentialExpiresMs: number | null
}

export interface BindingNeeds<Row extends BindingRow> {
  /** From memory; in whatever tenant. */
  readonly agentOf: (agentId: string) => Row | undefined
  /** Whoever the header's value stands for; a fault of ours throws and is never a verdict. */
  readonly readCredential: (authorization: string | undefined) => Credential | Promise<Credential>
  readonly ownerOf: (peer: Peer) => CertificateOwner
  readonly modeOf: (tenantId: string) => AgentAuthMode
  readonly noteRefusal: (note: RefusalNote) => void
}

/** An agent that is refused asks again and again; the history hears of it once, and then of how often (telemetry 19). */
const countedForMs = 10 * 60_000

const noteOf = (knock: AgentKnock, tenantId: string, code: string): RefusalNote => ({
  tenantId,
  actor: { type: 'device', id: knock.agentId, ip: knock.ip },
  attempted: 'heartbeat',
  code,
  requestId: knock.requestId,
  countedForMs,
})

/** The tenant in whose history a refusal belongs: the credential's, or else that of the agent it knocked as. */
const tenantOf = (credential: Credential, row: BindingRow | undefined, fallback: string): string =>
  credential.kind === 'service' ? credential.claims.tenantId : (row?.tenantId ?? fallback)

/** The id as the credential has it, when it is the same: a text that was looked up before is found without being read. */
const sameText = (agentId: string, credential: Credential): string =>
  credential.kind === 'service' && credential.claims.sub === agentId ? credential.claims.sub : agentId

type Bound<Row extends BindingRow> = Result<BoundAgent<Row>, BindingRefusal>

export const createIdentifyAgent = <Row extends BindingRow>(needs: BindingNeeds<Row>, defaultTenantId: string) => {
  const { agentOf, readCredential, ownerOf, modeOf, noteRefusal } = needs
  const settle = (knock: AgentKnock, credential: Credential): Bound<Row> => {
    const row = agentOf(sameText(knock.agentId, credential))
    const tenantId = tenantOf(credential, row, defaultTenantId)
    const mode = modeOf(tenantId)
    const certificate = mode === 'bearer' || knock.peer === null ? null : ownerOf(knock.peer)
    const facts: BindingFacts<Row> = { mode, credential, row, certificate }
    const bound = decideBinding(facts)
    if (!bound.ok) {
      noteRefusal(noteOf(knock, tenantId, bound.refusal.code))
      return bound
    }
    const credentialExpiresMs = credential.kind === 'service' ? credential.claims.expiresMs : null
    return ok({ agent: bound.value, credentialExpiresMs })
  }
  return (knock: AgentKnock): Bound<Row> | Promise<Bound<Row>> => {
    const credential = readCredential(knock.headers.authorization)
    return credential instanceof Promise ? credential.then((read) => settle(knock, read)) : settle(knock, credential)
  }
}
