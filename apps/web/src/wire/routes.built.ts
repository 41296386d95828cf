// What the browser has to know of the contract: the method and path of each route, and the words in its lists.
// Evaluated while building, so none of the schemas travel; what goes over a route is typed by the contract itself.
import {
  AUDIT_OUTCOMES,
  CAPABILITIES,
  type Capability,
  COVERAGES,
  DEVICE_SORTS,
  DEVICE_STATUSES,
  ECOSYSTEMS,
  FINDING_STATES,
  type fleetRoutes as FleetRoutes,
  fleetRoutes,
  LIVENESSES,
  MUSTER_VOCABULARY,
  PLANES,
  POLICY_STATUSES,
  ROLES,
  type Role,
  roleMay,
  SEVERITIES,
  TOKEN_STATUSES,
  VERDICTS,
} from '@muster/contract'

export type RouteName = keyof typeof FleetRoutes

export const routes = Object.fromEntries(
  Object.entries(fleetRoutes).map(([name, { method, path }]) => [name, { method, path }]),
) as Readonly<Record<RouteName, { readonly method: string; readonly path: string }>>

export const deviceStatuses = DEVICE_STATUSES
export const deviceSorts = DEVICE_SORTS
export const coverages = COVERAGES
export const livenesses = LIVENESSES
export const policyStatuses = POLICY_STATUSES
export const planes = PLANES
export const tokenStatuses = TOKEN_STATUSES
export const verdicts = VERDICTS
export const ecosystems = ECOSYSTEMS
export const findingStates = FINDING_STATES
export const severities = SEVERITIES
export const auditOutcomes = AUDIT_OUTCOMES
export const roles = ROLES

const mayDo = (role: Role): readonly Capability[] => CAPABILITIES.filter((capability) => roleMay(role, capability))

/** What each role may do, in the order of the contract. */
export const capabilitiesOf: Readonly<Record<Role, readonly Capability[]>> = {
  viewer: mayDo('viewer'),
  auditor: mayDo('auditor'),
  analyst: mayDo('analyst'),
  admin: mayDo('admin'),
  owner: mayDo('owner'),
}
/** Every word a rule may use. */
export const vocabulary = MUSTER_VOCABULARY
