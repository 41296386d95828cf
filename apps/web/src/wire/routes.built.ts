// What the browser has to know of the contract: the method and path of each route, and the words in its lists.
// Evaluated while building, so none of the schemas travel; what goes over a route is typed by the contract itself.
import {
  DEVICE_STATUSES,
  type fleetRoutes as FleetRoutes,
  fleetRoutes,
  LIVENESSES,
  POLICY_STATUSES,
  TOKEN_STATUSES,
  VERDICTS,
} from '@muster/contract'

export type RouteName = keyof typeof FleetRoutes

export const routes = Object.fromEntries(
  Object.entries(fleetRoutes).map(([name, { method, path }]) => [name, { method, path }]),
) as Readonly<Record<RouteName, { readonly method: string; readonly path: string }>>

export const deviceStatuses = DEVICE_STATUSES
export const livenesses = LIVENESSES
export const policyStatuses = POLICY_STATUSES
export const tokenStatuses = TOKEN_STATUSES
export const verdicts = VERDICTS
