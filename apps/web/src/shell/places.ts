// The places of the dashboard: where each page is, by which key it is reached, and who may go there.
// What is on a page is pages/; which file draws it is routes.tsx.
import type { Capability } from '@muster/contract'
import type { IconName } from '../parts/icon.tsx'

export interface Place {
  readonly path: string
  readonly name: string
  readonly icon: IconName
  /** After `g`. */
  readonly key: string
  readonly may: Capability
}

export const places = [
  { path: '/', name: 'Overview', icon: 'overview', key: 'o', may: 'fleet:read' },
  { path: '/devices', name: 'Devices', icon: 'devices', key: 'd', may: 'fleet:read' },
  { path: '/search', name: 'Search', icon: 'search', key: 's', may: 'inventory:search' },
  { path: '/findings', name: 'Findings', icon: 'findings', key: 'f', may: 'fleet:read' },
  { path: '/policies', name: 'Policies', icon: 'policies', key: 'p', may: 'fleet:read' },
  { path: '/enrolment', name: 'Enrolment', icon: 'enrolment', key: 'e', may: 'enrollment-tokens:read' },
  { path: '/audit', name: 'Audit', icon: 'audit', key: 'a', may: 'audit:read' },
  { path: '/settings', name: 'Settings', icon: 'settings', key: 't', may: 'fleet:read' },
] as const satisfies readonly Place[]
