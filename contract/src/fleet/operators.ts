// Operators and their tokens (fleet-product 3.2): who is speaking, and handing out further credentials.
// What each role may do is roles.ts.
import { z } from 'zod'
import { CAPABILITIES, ROLES } from '../roles.ts'
import { declare } from '../route.ts'
import { ById, fleetPrefix, Label, listOf, Paging, Time, TimeOrNull } from './shapes.ts'

/** What a browser holds instead of a token: a cookie that no script can read, and beside it a word for its writes. */
export const Session = z.strictObject({
  /** Goes with every write, in the header `X-Muster-Csrf`; a page of another site cannot learn it. */
  csrfToken: z.string(),
  expiresAt: Time,
  /** It also ends when nothing was asked for so long. */
  idleSeconds: z.int(),
})
export type Session = z.infer<typeof Session>

const Me = z.strictObject({
  operatorId: z.string(),
  name: z.string(),
  tenantId: z.string(),
  role: z.enum(ROLES),
  capabilities: z.array(z.enum(CAPABILITIES)),
  /** The groups it sees the devices of; null for the whole tenant. */
  groups: z.array(z.string()).nullable(),
  expiresAt: TimeOrNull,
  /** Null when the credential came with the request itself. */
  session: Session.nullable(),
})
export type Me = z.infer<typeof Me>

export const me = declare({
  method: 'GET',
  path: `${fleetPrefix}/me`,
  summary: 'Who this credential belongs to and what it may do.',
  speaker: 'operator',
  may: 'self:read',
  reply: Me,
  refusals: [],
})

export const signIn = declare({
  method: 'POST',
  path: `${fleetPrefix}/session`,
  summary: 'Open a browser session with an operator token; the session is a cookie that scripts cannot read.',
  speaker: 'anyone',
  body: z.strictObject({ token: z.string().min(1).max(8192) }),
  reply: Me,
  status: 201,
  refusals: ['credential_invalid', 'address_not_allowed', 'request_forged'],
})

export const signOut = declare({
  method: 'DELETE',
  path: `${fleetPrefix}/session`,
  summary: 'End the session this request came with, and take its cookie back.',
  speaker: 'operator',
  may: 'self:read',
  reply: z.strictObject({ ended: z.boolean() }),
  refusals: [],
})

/** What a token may do at most; the role decides as well. */
const Scopes = z.array(z.enum(CAPABILITIES)).min(1).max(CAPABILITIES.length)

/** Addresses in CIDR notation, such as `192.0.2.0/24` or `2001:db8::/32`. */
const Networks = z
  .array(z.union([z.cidrv4(), z.cidrv6()], 'an address and how many bits of it count, such as 192.0.2.0/24'))
  .min(1)
  .max(64)

export const OperatorToken = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  /** Null when the role alone decides. */
  scopes: Scopes.nullable(),
  /** Names of the groups whose devices alone it sees; null for the whole tenant. */
  groups: z.array(z.string()).nullable(),
  /** Where it may be used from; null for everywhere. */
  networks: Networks.nullable(),
  status: z.enum(['active', 'revoked', 'expired']),
  createdBy: z.string(),
  createdAt: Time,
  expiresAt: Time,
  lastUsedAt: TimeOrNull,
  revokedAt: TimeOrNull,
})
export type OperatorToken = z.infer<typeof OperatorToken>

export const createOperatorToken = declare({
  method: 'POST',
  path: `${fleetPrefix}/operator-tokens`,
  summary: 'Make an operator token; its raw value is in this reply and nowhere else.',
  speaker: 'operator',
  may: 'operator-tokens:own',
  body: z.strictObject({
    name: Label,
    role: z.enum(ROLES),
    expiresInSeconds: z
      .int()
      .min(60)
      .max(365 * 24 * 3600)
      .optional(),
    scopes: Scopes.optional(),
    /** Limits it to the devices of these groups, by id or name. */
    groups: z.array(Label).min(1).max(64).optional(),
    networks: Networks.optional(),
  }),
  reply: z.strictObject({ ...OperatorToken.shape, token: z.string() }),
  status: 201,
  refusals: ['role_above_own', 'name_taken', 'not_found'],
})

export const listOperatorTokens = declare({
  method: 'GET',
  path: `${fleetPrefix}/operator-tokens`,
  summary: 'Operator tokens: all of them for an owner, their own for others.',
  speaker: 'operator',
  may: 'operator-tokens:own',
  query: z.strictObject(Paging),
  reply: listOf(OperatorToken),
  refusals: [],
})

export const revokeOperatorToken = declare({
  method: 'POST',
  path: `${fleetPrefix}/operator-tokens/{id}:revoke`,
  summary: 'Stop an operator token at once.',
  speaker: 'operator',
  may: 'operator-tokens:own',
  params: ById,
  reply: OperatorToken,
  refusals: ['not_found'],
})
