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
import { placesOf } from './places.ts'

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

  const paths = (): readonly string[] => [
    ...Object.values(placesOf({ device: fleet.idOf('ada-macbook'), finding: findingId, policy: policyId })),
    // Who never sent a heartbeat.
    `/devices/${fleet.idOf('build-01')}?tab=load`,
  ]

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
