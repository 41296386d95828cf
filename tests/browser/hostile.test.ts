// Text that somebody might send to break something, in every place a device can write, through every page: it is shown
// as text, what is unseen in it is made visible, nothing of it runs, and no page breaks. The server's part is tests/wire.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { heartbeatAt } from '@muster/contract/testing'
import type { Page } from 'playwright-core'
import { certificateRequest, joinAgent } from '../wire/agent-client.ts'
import { type Ground, openGround } from '../wire/ground.ts'
import { HOSTILE_STRINGS } from '../wire/hostile-strings.ts'
import type { Sensor } from '../wire/sensor-client.ts'
import { deliver, findingEvent, findingOn, itemEvent, mcpServer, npmItem } from '../wire/sensor-events.ts'
import { commonBrowser } from './browser.ts'
import { builtDashboard, faultsOf, visit } from './dashboard.ts'

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

/** Elements that only markup of a device could have made. */
const foreignElements = (page: Page): Promise<number> =>
  page.locator('#muster script, #muster iframe, #muster [onerror], #muster img:not([alt=""])').count()

suite('hostile text', () => {
  const browser = commonBrowser()
  let ground: Ground
  const ids: string[] = []
  before(async () => {
    ground = await openGround({ dashboard: await builtDashboard() })
    for (const [, text] of texts) {
      const sensor = await ground.enrolled({ hostname: text, osVersion: text, hardwareModel: text })
      ids.push(sensor.identity().deviceId)
      if (ids.length <= 2) await speak(sensor)
      if (ids.length === 1) await beat(ground, sensor)
    }
  })
  after(() => ground.close())

  test('is text on every page, wide and narrow', async () => {
    const everyDevice = ids.map((id) => `/devices/${id}`)
    for (const { viewport, more } of [
      { viewport: { width: 1280, height: 800 }, more: everyDevice },
      { viewport: { width: 320, height: 640 }, more: everyDevice.slice(0, 3) },
    ]) {
      const visited = await visit(ground, await browser(), { viewport })
      const { page } = visited
      page.on('dialog', (dialog) => assert.fail(`a page asked ${dialog.message()}`))
      const [first = ''] = ids
      const tabs = ['', '?tab=inventory', '?tab=findings', '?tab=load', '?tab=timeline'].map(
        (tab) => `/devices/${first}${tab}`,
      )
      for (const path of ['/', '/devices', ...tabs, ...more, '/enrolment']) {
        await visited.go(path)
        assert.deepEqual(await faultsOf(visited), [], path)
        assert.equal(await foreignElements(page), 0, path)
      }
      await visited.close()
    }
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
