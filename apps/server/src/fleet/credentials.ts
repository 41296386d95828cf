// Who lets machines and people in: enrolment tokens and operator tokens, and the question "who am I?".
// The rules of tokens are identity's.
import {
  CAPABILITIES,
  createEnrollmentToken,
  createOperatorToken,
  credentialMay,
  DEFAULT_TENANT_ID,
  listEnrollmentTokens,
  listOperatorTokens,
  type Me,
  me,
  readEnrollmentToken,
  revokeEnrollmentToken,
  revokeOperatorToken,
  signIn,
  signOut,
} from '@muster/contract'
import { type Served, SessionReply, serve } from '@muster/http'
import { type Identity, type KnownOperator, sessionIdleSeconds } from '@muster/identity'
import { ok, toIso } from '@muster/kernel'
import { by } from './operator.ts'

const namesOf = (groups: readonly { readonly name: string }[]): string[] => groups.map(({ name }) => name)

const describe = async (groups: Identity['groups'], operator: KnownOperator): Promise<Me> => {
  const { operatorId, name, tenantId, role, groupNos, expiresMs, session } = operator
  return {
    operatorId,
    name,
    tenantId,
    role,
    capabilities: CAPABILITIES.filter((capability) => credentialMay(operator, capability)),
    groups: groupNos === null ? null : namesOf(await groups.named(tenantId, groupNos)),
    expiresAt: expiresMs === null ? null : toIso(expiresMs),
    session:
      session === undefined
        ? null
        : { csrfToken: session.csrfToken, expiresAt: toIso(session.expiresMs), idleSeconds: sessionIdleSeconds },
  }
}

export const serveMe = ({ sessions, groups, noteRefusal }: Identity): readonly Served<KnownOperator>[] => [
  serve<typeof me, KnownOperator>(me, async ({ speaker }) => ok(await describe(groups, speaker))),
  serve<typeof signIn, KnownOperator>(signIn, async ({ body, ip, requestId }) => {
    const opened = await sessions.open(body.token, { ip, requestId })
    if (opened.ok) return ok(new SessionReply(await describe(groups, opened.value.operator), opened.value.cookie))
    const actor = { type: 'operator' as const, id: 'unknown', ip }
    // A good token from elsewhere was noted with its name already.
    if (opened.refusal.code === 'credential_invalid')
      noteRefusal({ tenantId: DEFAULT_TENANT_ID, actor, attempted: 'sign in', code: opened.refusal.code, requestId })
    return opened
  }),
  serve<typeof signOut, KnownOperator>(signOut, async (said) =>
    ok(new SessionReply({ ended: await sessions.close(by(said), said.speaker) }, null)),
  ),
]

export const serveEnrollmentTokens = ({ tokens }: Pick<Identity, 'tokens'>): readonly Served<KnownOperator>[] => [
  serve<typeof createEnrollmentToken, KnownOperator>(createEnrollmentToken, (said) =>
    tokens.create(by(said), said.speaker, said.body),
  ),
  serve<typeof listEnrollmentTokens, KnownOperator>(listEnrollmentTokens, ({ speaker, query }) =>
    tokens.list(speaker, query),
  ),
  serve<typeof readEnrollmentToken, KnownOperator>(readEnrollmentToken, ({ speaker, params }) =>
    tokens.read(speaker, params.id),
  ),
  serve<typeof revokeEnrollmentToken, KnownOperator>(revokeEnrollmentToken, (said) =>
    tokens.revoke(by(said), said.speaker, said.params.id),
  ),
]

export const serveOperatorTokens = ({ operators }: Pick<Identity, 'operators'>): readonly Served<KnownOperator>[] => [
  serve<typeof createOperatorToken, KnownOperator>(createOperatorToken, (said) =>
    operators.createToken(by(said), said.speaker, said.body),
  ),
  serve<typeof listOperatorTokens, KnownOperator>(listOperatorTokens, ({ speaker, query }) =>
    operators.listTokens(speaker, query),
  ),
  serve<typeof revokeOperatorToken, KnownOperator>(revokeOperatorToken, (said) =>
    operators.revokeToken(by(said), said.speaker, said.params.id),
  ),
]
