// Which page is at which address, each in a file of its own that is loaded when it is first opened.
// The words in an address are read by the decide.ts of its page.
import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
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
import { type Ahead, ahead } from './ahead.ts'
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

interface Context {
  readonly client: QueryClient
}

interface Loading {
  readonly context: Context
  readonly location: { readonly search: unknown }
  readonly params: { readonly id?: string }
  readonly cause: 'preload' | 'enter' | 'stay'
}

/** A link that is merely pointed at brings the page's file, and asks nothing. */
const asking = (ask: Ahead, { context: { client }, location, params, cause }: Loading): void => {
  if (cause === 'enter') ask(client, location.search as Words, params.id ?? '')
}

const root = createRootRouteWithContext<Context>()({
  component: Frame,
  notFoundComponent: NotFound,
  errorComponent: ({ error }) => <Trouble fault={error} />,
})

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: (words: Words) => readOverviewView(words),
  loader: (said) => asking(ahead.overview, said),
  component: lazyRouteComponent(() => import('../pages/overview/page.tsx'), 'OverviewPage'),
})

const devices = createRoute({
  getParentRoute: () => root,
  path: '/devices',
  validateSearch: (words: Words) => readDevicesView(words),
  loader: (said) => asking(ahead.devices, said),
  component: lazyRouteComponent(() => import('../pages/devices/page.tsx'), 'DevicesPage'),
})

const device = createRoute({
  getParentRoute: () => root,
  path: '/devices/$id',
  validateSearch: (words: Words) => readDeviceView(words),
  loader: (said) => asking(ahead.device, said),
  component: lazyRouteComponent(() => import('../pages/device/page.tsx'), 'DevicePage'),
})

const enrolment = createRoute({
  getParentRoute: () => root,
  path: '/enrolment',
  loader: (said) => asking(ahead.enrolment, said),
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
  loader: (said) => asking(ahead.findings, said),
  component: lazyRouteComponent(() => import('../pages/findings/page.tsx'), 'FindingsPage'),
})

const policies = createRoute({
  getParentRoute: () => root,
  path: '/policies',
  loader: (said) => asking(ahead.policies, said),
  component: lazyRouteComponent(() => import('../pages/policies/page.tsx'), 'PoliciesPage'),
})

const policy = createRoute({
  getParentRoute: () => root,
  path: '/policies/$id',
  validateSearch: (words: Words) => readPolicyView(words),
  loader: (said) => asking(ahead.policy, said),
  component: lazyRouteComponent(() => import('../pages/policy/page.tsx'), 'PolicyPage'),
})

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: (words: Words) => readAuditView(words),
  loader: (said) => asking(ahead.audit, said),
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

/** The memory of answers is there before anything is asked. */
export const createDashboardRouter = (client: QueryClient) =>
  createRouter({
    routeTree,
    context: { client },
    defaultPreload: 'intent',
    scrollRestoration: true,
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: stringify,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createDashboardRouter>
  }
}
