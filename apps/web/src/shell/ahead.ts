// What each page asks first, and what it draws with, asked for while the page's own file is still on its way.
// What the answers mean is the page's; a question that fails here is asked again there.
import type { QueryClient } from '@tanstack/react-query'
import { readAuditView } from '../pages/audit/decide.ts'
import { auditQuery } from '../pages/audit/query.ts'
import { type DeviceView, readDeviceView } from '../pages/device/decide.ts'
import {
  deviceQuery,
  heartbeatsQuery,
  inventoryQuery,
  findingsQuery as ofDevice,
  timelineQuery,
} from '../pages/device/query.ts'
import { readDevicesView } from '../pages/devices/decide.ts'
import { devicesQuery } from '../pages/devices/query.ts'
import { tokensQuery } from '../pages/enrolment/query.ts'
import { readFindingsView } from '../pages/findings/decide.ts'
import { countsQuery, findingQuery, findingsQuery } from '../pages/findings/query.ts'
import { readOverviewView } from '../pages/overview/decide-activity.ts'
import {
  activityQuery,
  adoptionsQuery,
  coverageQuery,
  newestChangesQuery,
  newestFindingsQuery,
  statusQuery,
} from '../pages/overview/query.ts'
import { policiesQuery } from '../pages/policies/query.ts'
import { newPolicyId, readPolicyView } from '../pages/policy/decide.ts'
import {
  assignmentsQuery,
  generationsQuery,
  policyQuery,
  revisionQuery,
  revisionsQuery,
} from '../pages/policy/query.ts'
import { groupsQuery } from '../wire/groups.ts'

type Words = Record<string, unknown>

/** Begins everything at once and waits for nothing. */
export type Ahead = (client: QueryClient, words: Words, id: string) => void

const drawCharts = (): void => void import('../parts/plot.tsx')
const openEditor = (): void => void import('../pages/policy/editor.tsx')

const overview: Ahead = (client, words) => {
  drawCharts()
  void client.prefetchQuery(statusQuery)
  void client.prefetchQuery(activityQuery(readOverviewView(words).by))
  void client.prefetchQuery(coverageQuery)
  void client.prefetchQuery(newestFindingsQuery)
  void client.prefetchQuery(newestChangesQuery)
  void client.prefetchQuery(adoptionsQuery)
}

const devices: Ahead = (client, words) => {
  void client.prefetchInfiniteQuery(devicesQuery(readDevicesView(words)))
  void client.prefetchQuery(groupsQuery)
}

const deviceTabs: Readonly<
  Record<NonNullable<DeviceView['tab']>, (client: QueryClient, id: string, view: DeviceView) => void>
> = {
  about: () => undefined,
  inventory: (client, id, view) => void client.prefetchInfiniteQuery(inventoryQuery(id, view)),
  findings: (client, id) => void client.prefetchInfiniteQuery(ofDevice(id)),
  load: (client, id, { span }) => {
    drawCharts()
    void client.prefetchQuery(heartbeatsQuery(id, span))
  },
  timeline: (client, id) => void client.prefetchInfiniteQuery(timelineQuery(id)),
}

const device: Ahead = (client, words, id) => {
  const view = readDeviceView(words)
  void client.prefetchQuery(deviceQuery(id))
  deviceTabs[view.tab ?? 'about'](client, id, view)
}

const findings: Ahead = (client, words) => {
  const view = readFindingsView(words)
  void client.prefetchInfiniteQuery(findingsQuery(view))
  void client.prefetchQuery(countsQuery)
  if (view.finding !== undefined) void client.prefetchQuery(findingQuery(view.finding))
}

const policies: Ahead = (client) => {
  void client.prefetchInfiniteQuery(policiesQuery)
  void client.prefetchQuery(assignmentsQuery)
  void client.prefetchQuery(groupsQuery)
}

/** Its texts are known by the policy, so they follow it. */
const askTexts = async (client: QueryClient, id: string): Promise<void> => {
  const policy = await client.fetchQuery(policyQuery(id)).catch(() => null)
  for (const revisionId of new Set([policy?.latestRevisionId, policy?.publishedRevisionId]))
    if (typeof revisionId === 'string') void client.prefetchQuery(revisionQuery(revisionId))
}

const policy: Ahead = (client, words, id) => {
  const { tab = 'document' } = readPolicyView(words)
  if (tab === 'document') openEditor()
  if (id === newPolicyId) return
  if (tab === 'generations') void client.prefetchInfiniteQuery(generationsQuery(id))
  if (tab === 'revisions') void client.prefetchInfiniteQuery(revisionsQuery(id))
  if (tab === 'document') void askTexts(client, id)
  else void client.prefetchQuery(policyQuery(id))
}

const audit: Ahead = (client, words) => void client.prefetchInfiniteQuery(auditQuery(readAuditView(words)))

const enrolment: Ahead = (client) => void client.prefetchInfiniteQuery(tokensQuery)

/** What a search asks is sent with the word of a session, so it waits until that is known. */
export const ahead = { overview, devices, device, findings, policies, policy, audit, enrolment } as const
