// Who lets machines and people in: enrolment tokens and operator tokens, and the question "who am I?".
// The rules of tokens are identity's.
import {
  CAPABILITIES,
  createEnrollmentToken,
  createOperatorToken,
  credentialMay,
  listEnrollmentTokens,
  listOperatorTokens,
  me,
  readEnrollmentToken,
  revokeEnrollmentToken,
  revokeOperatorToken,
} from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Identity, KnownOperator } from '@muster/identity'
import { ok, toIso } from '@muster/kernel'
import { by } from './operator.ts'

const namesOf = (groups: readonly { readonly name: string }[]): string[] => groups.map(({ name }) => name)

export const serveMe = ({ groups }: Pick<Identity, 'groups'>): readonly Served<KnownOperator>[] => [
  serve<typeof me, KnownOperator>(me, async ({ speaker }) =>
    ok({
      operatorId: speaker.operatorId,
      name: speaker.name,
      tenantId: speaker.tenantId,
      role: speaker.role,
      capabilities: CAPABILITIES.filter((capability) => credentialMay(speaker, capability)),
      groups: speaker.groupNos === null ? null : namesOf(await groups.named(speaker.tenantId, speaker.groupNos)),
      expiresAt: speaker.expiresMs === null ? null : toIso(speaker.expiresMs),
    }),
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
