// Every page of the dashboard, light and dark, wide and at 320 pixels: it loads, axe has nothing to say, nothing is cut
// off, and the browser complains of nothing. What one does there is journeys.test.ts.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { listFindings, listPolicies } from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { commonBrowser } from './browser.ts'
import { builtDashboard, faultsOf, visit } from './dashboard.ts'
import { type Fleet, openFleet } from './fleet.ts'

const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { name: '320 pixels', colorScheme: 'light', viewport: { width: 320, height: 640 } },
  // A window of 1280 pixels at 200 %.
  { name: 'zoomed', colorScheme: 'dark', viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
] as const

suite('every page', () => {
  const browser = commonBrowser()
  let fleet: Fleet
  let findingId = ''
  let policyId = ''
  before(async () => {
    fleet = await openFleet({ dashboard: await builtDashboard() })
    const { owner } = fleet.server
    const query = { limit: '1' }
    findingId = (await value(call(owner, listFindings, { query }))).items[0]?.id ?? ''
    policyId = (await value(call(owner, listPolicies, { query }))).items[0]?.id ?? ''
  })
  after(() => fleet.close())

  const paths = (): readonly string[] => {
    const device = `/devices/${fleet.idOf('ada-macbook')}`
    return [
      '/',
      '/?by=hour',
      '/devices',
      '/devices?name=nothing-is-called-so',
      device,
      `${device}?tab=inventory`,
      `${device}?tab=findings`,
      `${device}?tab=load`,
      `${device}?tab=load&span=month`,
      `/devices/${fleet.idOf('build-01')}?tab=load`,
      `${device}?tab=timeline`,
      '/search',
      '/search?q=axios%401.14.1',
      `/search?q=axios&from=2026-01-01T00:00:00.000Z&device=${fleet.idOf('ada-macbook')}`,
      '/search?q=nothing-is-called-so&verdict=not_observed',
      '/findings',
      '/findings?severity=info',
      `/findings?state=any&finding=${findingId}`,
      '/policies',
      '/policies/new',
      `/policies/${policyId}`,
      `/policies/${policyId}?tab=generations`,
      `/policies/${policyId}?tab=revisions`,
      '/enrolment',
      '/audit',
      '/audit?entry=1',
      '/settings',
      '/settings?tab=roles',
      '/settings?tab=retention',
      '/settings?tab=holds',
      '/settings?tab=liveness',
      '/settings?tab=wire',
      '/nowhere',
    ]
  }

  for (const { name, ...options } of looks)
    test(name, async () => {
      const visited = await visit(fleet, await browser(), options)
      const faults: string[] = []
      for (const path of paths()) {
        await visited.go(path)
        faults.push(...(await faultsOf(visited)))
      }
      assert.deepEqual(faults, [])
      await visited.close()
    })
})
