// Which page is at which address, each in a file of its own that is loaded when it is first opened.
// The words in an address are read by the decide.ts of its page.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { readAuditView } from '../pages/audit/decide.ts'
import { readDeviceView } from '../pages/device/decide.ts'
import { readDevicesView } from '../pages/devices/decide.ts'
import { readFindingsView } from '../pages/findings/decide.ts'
import { readOverviewView } from '../pages/overview/decide-activity.ts'
import { readPolicyView } from '../pages/policy/decide.ts'
import { readSearchView } from '../pages/search/decide.ts'
import { readSettingsView } from '../pages/settings/decide.ts'
import { Empty, PageHead } from '../parts/blocks.tsx'
import { Trouble } from '../parts/controls.tsx'
import { Frame } from './frame.tsx'

type Words = Record<string, unknown>

const NotFound = () => (
  <>
    <PageHead title="Nothing here" />
    <Empty title="There is no page at this address">
      <p>
        Start again at the <a href="/">overview</a>.
      </p>
    </Empty>
  </>
)

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NotFound,
  errorComponent: ({ error }) => <Trouble fault={error} />,
})

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: (words: Words) => readOverviewView(words),
  component: lazyRouteComponent(() => import('../pages/overview/page.tsx'), 'OverviewPage'),
})

const devices = createRoute({
  getParentRoute: () => root,
  path: '/devices',
  validateSearch: (words: Words) => readDevicesView(words),
  component: lazyRouteComponent(() => import('../pages/devices/page.tsx'), 'DevicesPage'),
})

const device = createRoute({
  getParentRoute: () => root,
  path: '/devices/$id',
  validateSearch: (words: Words) => readDeviceView(words),
  component: lazyRouteComponent(() => import('../pages/device/page.tsx'), 'DevicePage'),
})

const enrolment = createRoute({
  getParentRoute: () => root,
  path: '/enrolment',
  component: lazyRouteComponent(() => import('../pages/enrolment/page.tsx'), 'EnrolmentPage'),
})

const search = createRoute({
  getParentRoute: () => root,
  path: '/search',
  validateSearch: (words: Words) => readSearchView(words),
  component: lazyRouteComponent(() => import('../pages/search/page.tsx'), 'SearchPage'),
})

const findings = createRoute({
  getParentRoute: () => root,
  path: '/findings',
  validateSearch: (words: Words) => readFindingsView(words),
  component: lazyRouteComponent(() => import('../pages/findings/page.tsx'), 'FindingsPage'),
})

const policies = createRoute({
  getParentRoute: () => root,
  path: '/policies',
  component: lazyRouteComponent(() => import('../pages/policies/page.tsx'), 'PoliciesPage'),
})

const policy = createRoute({
  getParentRoute: () => root,
  path: '/policies/$id',
  validateSearch: (words: Words) => readPolicyView(words),
  component: lazyRouteComponent(() => import('../pages/policy/page.tsx'), 'PolicyPage'),
})

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: (words: Words) => readAuditView(words),
  component: lazyRouteComponent(() => import('../pages/audit/page.tsx'), 'AuditPage'),
})

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  validateSearch: (words: Words) => readSettingsView(words),
  component: lazyRouteComponent(() => import('../pages/settings/page.tsx'), 'SettingsPage'),
})

const routeTree = root.addChildren([
  overview,
  devices,
  device,
  search,
  findings,
  policies,
  policy,
  enrolment,
  audit,
  settings,
])

/** Words in an address are plain text, so that an address can be read and written by hand. */
const stringify = (words: Record<string, unknown>): string => {
  const said = Object.entries(words).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : []))
  return said.length === 0 ? '' : `?${new URLSearchParams(said)}`
}

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  scrollRestoration: true,
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: stringify,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
