// What each role may do, in words: the table of the settings, and what a token can be limited to; pure.
// Which role may do what is the contract's; every request is held against it by the server.
import type { Capability, Role } from '@muster/contract'
import { capabilitiesOf, roles } from '../../wire/routes.built.ts'

export const capabilityWords: Readonly<Record<Capability, string>> = {
  'self:read': 'see who it is itself',
  'fleet:read': 'see devices, findings and policies',
  'details:read': 'read names of users and what may be secrets in what devices said',
  'inventory:search': 'search the fleet',
  'policies:draft': 'write policies',
  'policies:publish': 'publish policies, and say who gets which',
  'policy:scan-scope': 'change with a policy where agents look',
  'enrollment-tokens:read': 'see enrolment tokens',
  'enrollment-tokens:write': 'make and revoke enrolment tokens',
  'devices:tag': 'tag devices',
  'devices:write': 'describe, revoke, retire, merge and bring back devices',
  'devices:delete-data': 'delete the data of devices',
  'groups:write': 'make and change groups',
  'audit:read': 'see and verify the audit history',
  'operator-tokens:own': 'hand out operator tokens',
  'settings:read': 'see how long data is kept, legal holds and liveness',
  'settings:write': 'change those',
}

/** What a token of the role can be limited to; who it is itself, every one may know. */
export const scopesFor = (role: Role): readonly Capability[] =>
  capabilitiesOf[role].filter((capability) => capability !== 'self:read')

export interface RoleLine {
  readonly words: string
  readonly who: ReadonlySet<Role>
}

export const roleLines: readonly RoleLine[] = (Object.keys(capabilityWords) as Capability[]).map((capability) => ({
  words: capabilityWords[capability],
  who: new Set(roles.filter((role) => capabilitiesOf[role].includes(capability))),
}))
