// Who among the operators may do what: the role matrix of fleet-product 3.1 as one table.
// Enforcement happens in the API listener, once per request, for every route alike.

export const ROLES = ['viewer', 'auditor', 'analyst', 'admin', 'owner'] as const
export type Role = (typeof ROLES)[number]

const rolesPerCapability = {
  'self:read': ['viewer', 'auditor', 'analyst', 'admin', 'owner'],
  'fleet:read': ['viewer', 'auditor', 'analyst', 'admin', 'owner'],
  /** Reading what devices said as it came; others read it without names of users and what may be secrets (8.8). */
  'details:read': ['analyst', 'admin', 'owner'],
  'inventory:search': ['analyst', 'admin', 'owner'],
  'policies:draft': ['analyst', 'admin', 'owner'],
  'policies:publish': ['admin', 'owner'],
  'policy:scan-scope': ['owner'],
  'enrollment-tokens:read': ['analyst', 'admin', 'owner'],
  'enrollment-tokens:write': ['admin', 'owner'],
  'devices:tag': ['analyst', 'admin', 'owner'],
  'devices:write': ['admin', 'owner'],
  'devices:delete-data': ['owner'],
  'groups:write': ['admin', 'owner'],
  'audit:read': ['auditor', 'admin', 'owner'],
  'operator-tokens:own': ['admin', 'owner'],
  'settings:read': ['owner'],
  'settings:write': ['owner'],
} as const satisfies Record<string, readonly Role[]>

export type Capability = keyof typeof rolesPerCapability
export const CAPABILITIES = Object.keys(rolesPerCapability) as readonly Capability[]

export const roleMay = (role: Role, capability: Capability): boolean =>
  (rolesPerCapability[capability] as readonly Role[]).includes(role)

/** What can be done with some devices of a tenant; the rest concerns all of it, or decides who belongs to a group. */
const withinGroups: readonly Capability[] = [
  'self:read',
  'fleet:read',
  'details:read',
  'inventory:search',
  'enrollment-tokens:read',
  'enrollment-tokens:write',
  'devices:tag',
  'devices:write',
  'devices:delete-data',
  'operator-tokens:own',
]

/** A credential, as far as it decides what may be done; null where it is not limited so. */
export interface CredentialLimits {
  readonly role: Role
  readonly scopes: readonly Capability[] | null
  readonly groupNos: readonly number[] | null
}

/** The role allows it, no scope leaves it out, and a credential for some groups does not decide for all. */
export const credentialMay = ({ role, scopes, groupNos }: CredentialLimits, capability: Capability): boolean =>
  roleMay(role, capability) &&
  (scopes === null || capability === 'self:read' || scopes.includes(capability)) &&
  (groupNos === null || withinGroups.includes(capability))

const rank: Record<Role, number> = { viewer: 0, auditor: 1, analyst: 2, admin: 3, owner: 4 }

/** Whether a token of role `role` may be made by somebody of role `maker`. */
export const mayGrant = (maker: Role, role: Role): boolean => rank[role] <= rank[maker]
