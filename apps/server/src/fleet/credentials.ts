// Who lets machines and people in: enrolment tokens and operator tokens, and the question "who am I?".
// The rules of tokens are identity's.
import {
  CAPABILITIES,
  createEnrollmentToken,
  createOperatorToken,
  listEnrollmentTokens,
  listOperatorTokens,
  me,
  readEnrollmentToken,
  revokeEnrollmentToken,
  revokeOperatorToken,
  roleMay,
} from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Identity, KnownOperator } from '@muster/identity'
import { ok, toIso } from '@muster/kernel'
import { by, type OperatorSaid } from './operator.ts'

export const serveMe = (): readonly Served<KnownOperator>[] => [
  serve(me, ({ speaker }: OperatorSaid<typeof me>) =>
    ok({
      operatorId: speaker.operatorId,
      name: speaker.name,
      tenantId: speaker.tenantId,
      role: speaker.role,
      capabilities: CAPABILITIES.filter((capability) => roleMay(speaker.role, capability)),
      expiresAt: speaker.expiresMs === null ? null : toIso(speaker.expiresMs),
    }),
  ),
]

export const serveEnrollmentTokens = ({ tokens }: Pick<Identity, 'tokens'>): readonly Served<KnownOperator>[] => [
  serve(createEnrollmentToken, (said: OperatorSaid<typeof createEnrollmentToken>) =>
    tokens.create(by(said), said.speaker.tenantId, said.body),
  ),
  serve(listEnrollmentTokens, ({ speaker, query }: OperatorSaid<typeof listEnrollmentTokens>) =>
    tokens.list(speaker.tenantId, query),
  ),
  serve(readEnrollmentToken, ({ speaker, params }: OperatorSaid<typeof readEnrollmentToken>) =>
    tokens.read(speaker.tenantId, params.id),
  ),
  serve(revokeEnrollmentToken, (said: OperatorSaid<typeof revokeEnrollmentToken>) =>
    tokens.revoke(by(said), said.speaker.tenantId, said.params.id),
  ),
]

export const serveOperatorTokens = ({ operators }: Pick<Identity, 'operators'>): readonly Served<KnownOperator>[] => [
  serve(createOperatorToken, (said: OperatorSaid<typeof createOperatorToken>) =>
    operators.createToken(by(said), said.speaker, said.body),
  ),
  serve(listOperatorTokens, ({ speaker, query }: OperatorSaid<typeof listOperatorTokens>) =>
    operators.listTokens(speaker, query),
  ),
  serve(revokeOperatorToken, (said: OperatorSaid<typeof revokeOperatorToken>) =>
    operators.revokeToken(by(said), said.speaker, said.params.id),
  ),
]
