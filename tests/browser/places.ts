// Every page of the dashboard by its address, with each of its tabs, for whoever looks at all of them.
// What is done there is each journey's own.

/** Ids of things that are there to be looked at. */
export interface Shown {
  readonly device: string
  readonly finding: string
  readonly policy: string
}

/** Under a name each, so that what was seen there can be told. */
export const placesOf = ({ device, finding, policy }: Shown): Readonly<Record<string, string>> => ({
  overview: '/',
  'overview by the hour': '/?by=hour',
  devices: '/devices',
  'devices, none': '/devices?name=nothing-is-called-so',
  device: `/devices/${device}`,
  inventory: `/devices/${device}?tab=inventory`,
  load: `/devices/${device}?tab=load`,
  'load of a month': `/devices/${device}?tab=load&span=month`,
  'findings of a device': `/devices/${device}?tab=findings`,
  timeline: `/devices/${device}?tab=timeline`,
  search: '/search',
  'an answer': '/search?q=axios%401.14.1',
  'an answer for a device': `/search?q=axios&from=2026-01-01T00:00:00.000Z&device=${device}`,
  'an answer, none': '/search?q=nothing-is-called-so&verdict=not_observed',
  findings: '/findings',
  'findings of a severity': '/findings?severity=info',
  'a finding': `/findings?state=any&finding=${finding}`,
  policies: '/policies',
  'a new policy': '/policies/new',
  policy: `/policies/${policy}`,
  generations: `/policies/${policy}?tab=generations`,
  revisions: `/policies/${policy}?tab=revisions`,
  enrolment: '/enrolment',
  audit: '/audit',
  'an entry': '/audit?entry=1',
  settings: '/settings',
  roles: '/settings?tab=roles',
  groups: '/settings?tab=groups',
  retention: '/settings?tab=retention',
  holds: '/settings?tab=holds',
  liveness: '/settings?tab=liveness',
  'what crosses the wire': '/settings?tab=wire',
  nowhere: '/nowhere',
})
