// Text that somebody might send to break something, in every place a device can write, through every page: it is shown
// as text, what is unseen in it is made visible, nothing of it runs, and no page breaks. The server's part is tests/wire.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { listFindings, savePolicy } from '@muster/contract'
import { heartbeatAt } from '@muster/contract/testing'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { firstDocument } from '@muster/web/policy-words'

import type { Page } from 'playwright-core'
import { certificateRequest, joinAgent } from '../wire/agent-client.ts'
import { type Ground, openGround } from '../wire/ground.ts'
import { HOSTILE_STRINGS } from '../wire/hostile-strings.ts'
import type { Sensor } from '../wire/sensor-client.ts'
import { deliver, findingEvent, findingOn, itemEvent, mcpServer, npmItem } from '../wire/sensor-events.ts'
import { commonBrowser } from './browser.ts'
import { builtDashboard, faultsOf, visit } from './dashboard.ts'
import { placesOf } from './places.ts'

// What a server refuses anyway is tests/wire; the rest must get to the page as it is.
const texts = Object.entries(HOSTILE_STRINGS).filter(
  ([, text]) => text.isWellFormed() && text.trim() !== '' && !text.includes('\0') && Buffer.byteLength(text) <= 8192,
)

const speak = async (sensor: Sensor): Promise<void> => {
  const nowMs = Date.now()
  const items = texts.flatMap(([, text]) => [
    npmItem(text, text.slice(0, 100)),
    npmItem('carrier', '1.0.0', { path: text, origin: text.slice(0, 100), detail: text }),
    mcpServer(text, text),
  ])
  const findings = texts.map(([, text], at) =>
    findingOn(npmItem(text, '1'), {
      title: text,
      rationale: text,
      severity: at % 2 === 0 ? 'critical' : 'notable',
      evidence: { path: text, detail: text, matchedField: 'name', matchedValue: text },
      observedAt: new Date(nowMs).toISOString(),
    }),
  )
  await deliver(sensor, [
    ...items.map((item) => itemEvent(item)),
    ...findings.map((finding) => findingEvent(finding, { observedAtMs: nowMs, collectedAtMs: nowMs - 5 })),
  ])
}

const beat = async (ground: Ground, sensor: Sensor): Promise<void> => {
  const agent = await joinAgent(ground, await ground.token(), { csr_pem: certificateRequest(sensor.keys) })
  const disks = texts.slice(0, 64).map(([, text]) => ({
    mount: text.slice(0, 1024).toWellFormed(),
    total_bytes: 1000,
    used_bytes: 10,
  }))
  const { status } = await agent.heartbeat({ body: heartbeatAt(Date.now(), { disks }) })
  assert.equal(status, 202)
  agent.close()
}

/** Elements that only markup of a device could have made, and a title that only a script of it could have set. */
const traces = async (page: Page): Promise<readonly string[]> => {
  const foreign = page.locator('#muster script, #muster iframe, #muster [onerror], #muster img:not([alt=""])')
  const title = await page.title()
  return [
    ...((await foreign.count()) === 0 ? [] : ['an element of a device']),
    ...(title.endsWith(' · Muster') ? [] : [`the title ${title}`]),
  ].map((trace) => `${page.url()} ${trace}`)
}

/** Addresses that somebody may be sent. */
const strange = texts.slice(0, 3).map(([, text]) => encodeURIComponent(text.slice(0, 100).toWellFormed()))

/** There is no policy of such a name, and a browser complains of every answer that says so. */
const isOfNoPolicy = (fault: string): boolean =>
  strange.some((name) =>
    fault.endsWith(`404 (Not Found) ${new URL(fault.split(' ', 1)[0] ?? '').origin}/api/fleet/v1/policies/${name}`),
  )

suite('hostile text', () => {
  const browser = commonBrowser()
  let ground: Ground
  const ids: string[] = []
  let finding = ''
  let policy = ''
  before(async () => {
    ground = await openGround({ dashboard: await builtDashboard() })
    for (const [, text] of texts) {
      const sensor = await ground.enrolled({ hostname: text, osVersion: text, hardwareModel: text })
      ids.push(sensor.identity().deviceId)
      if (ids.length <= 2) await speak(sensor)
      if (ids.length === 1) await beat(ground, sensor)
    }
    const { owner } = ground.server
    finding = (await value(call(owner, listFindings, { query: { limit: '1' } }))).items[0]?.id ?? ''
    policy = (await value(call(owner, savePolicy, { body: { yaml: firstDocument } }))).policy.id
  })
  after(() => ground.close())

  /** Every page, with the words of devices in each place of it where they can stand, in the address too. */
  const paths = (): readonly string[] => [
    ...Object.values(placesOf({ device: ids[0] ?? '', finding, policy })),
    ...ids.map((id) => `/devices/${id}`),
    ...texts.map(([, text]) => `/search?q=${encodeURIComponent(text.slice(0, 300).toWellFormed())}`),
    ...strange.flatMap((said) => [`/devices?name=${said}`, `/audit?action=${said}`, `/policies/${said}`]),
    ...['critical', 'notable'].map((severity) => `/findings?severity=${severity}`),
  ]

  const look = async (viewport: { readonly width: number; readonly height: number }, every: number): Promise<void> => {
    const visited = await visit(ground, await browser(), { viewport })
    const { page } = visited
    page.on('dialog', (dialog) => assert.fail(`a page asked ${dialog.message()}`))
    const faults: string[] = []
    for (const path of paths().filter((_path, at) => at % every === 0)) {
      await visited.go(path)
      faults.push(...(await faultsOf(visited)), ...(await traces(page)))
    }
    const unexpected = faults.filter((fault) => !isOfNoPolicy(fault))
    assert.deepEqual(unexpected, [])
    await visited.close()
  }

  test('is text on every page', () => look({ width: 1280, height: 800 }, 1))
  test('is text on narrow pages', () => look({ width: 320, height: 640 }, 4))

  test('is text in the evidence of every finding', async () => {
    const visited = await visit(ground, await browser())
    const { page, go, close } = visited
    await go('/findings?severity=critical')
    await page.locator('[role=row][data-at="0"]').focus()
    await page.keyboard.press('Enter')
    const evidence = page.getByRole('complementary', { name: 'Evidence' })
    for (const _text of texts) {
      await evidence.getByText('Rule', { exact: true }).waitFor()
      assert.deepEqual([...(await faultsOf(visited)), ...(await traces(page))], [])
      await page.keyboard.press('j')
    }
    await close()
  })

  test('what cannot be seen is shown by its code, and what turns the line around stays in its place', async () => {
    const { page, go, close } = await visit(ground, await browser())
    await go('/devices')
    const grid = page.getByRole('grid', { name: 'Devices' })
    await grid.getByText('U+202E').first().waitFor()
    await grid.getByText('U+001B').first().waitFor()
    const shown = await grid.innerText()
    assert.doesNotMatch(shown.replaceAll(/[\n\t]/g, ''), /\p{Cc}|\p{Bidi_Control}/u)
    assert.match(shown, /<script>alert\(1\)<\/script>/)
    await close()
  })
})
