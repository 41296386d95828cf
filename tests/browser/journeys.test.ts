// What people come to the dashboard for, done with the keyboard in a real browser against a real server.
// That every page reads well is pages.test.ts.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { listAudit, mergeDevice, readDevice } from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { commonBrowser, openPage } from './browser.ts'
import { builtDashboard, settled, signIn, visit } from './dashboard.ts'
import { type Fleet, machines, openFleet } from './fleet.ts'

suite('journeys', () => {
  const browser = commonBrowser()
  let fleet: Fleet
  before(async () => {
    fleet = await openFleet({ dashboard: await builtDashboard() })
  })
  after(() => fleet.close())

  test('a wrong token is told so, a right one opens the overview, and signing out closes it', async () => {
    const { page, close } = await openPage(await browser(), { baseURL: fleet.server.api.url })
    await page.goto('/devices')
    await page.getByLabel('Operator token').fill('mot_wrong')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('unknown, expired or revoked').waitFor()
    await signIn(page, await fleet.server.tokenOf('viewer'))
    await page.getByRole('heading', { name: 'Devices' }).waitFor()
    const cookies = await page.context().cookies()
    assert.deepEqual(
      cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite })),
      [{ name: 'muster_session', httpOnly: true, sameSite: 'Strict' }],
    )
    assert.equal(await page.evaluate('document.cookie'), '')
    assert.equal(await page.getByRole('link', { name: 'Enrolment' }).count(), 0, 'a viewer enrols nobody')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Operator token').waitFor()
    await close()
  })

  test('the first load is at most 300 KB on the wire', async () => {
    const { page, go, close } = await visit(fleet, await browser())
    await go('/')
    const sizes = await page.evaluate(
      `performance.getEntriesByType('resource').filter(({ name }) => name.includes('/assets/'))
        .map(({ encodedBodySize }) => encodedBodySize)`,
    )
    const bytes = (sizes as number[]).reduce((sum, size) => sum + size, 0)
    assert.ok(bytes > 50_000 && bytes <= 300_000, `${bytes} bytes`)
    await close()
  })

  test('keys lead everywhere: g d to the devices, / to the search, j and Enter into one, ? to the keys', async () => {
    const { page, complaints, close } = await visit(fleet, await browser())
    await settled(page)
    await page.keyboard.press('g')
    await page.keyboard.press('d')
    await page.getByRole('grid', { name: 'Devices' }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('build')
    await page.waitForURL('**/devices?name=build')
    await page.getByText('3 devices').waitFor()
    await page.locator('[role=row][data-at="0"]').focus()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'build-02' }).waitFor()
    await page.keyboard.press('?')
    const keys = page.getByRole('dialog', { name: 'Keys' })
    await keys.getByText('one step in time').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.deepEqual(complaints, [])
    await close()
  })

  test('/ leads to the search of the fleet from a page that has none', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    for (const path of ['/', '/policies', `/devices/${fleet.idOf('build-01')}`]) {
      await go(path)
      await page.keyboard.press('/')
      await page.waitForURL('**/search')
      await page.locator('#search-field:focus').waitFor()
      await page.keyboard.type('lodash')
      await page.keyboard.press('Enter')
      await page.waitForURL('**/search?q=lodash')
      await page.getByRole('grid', { name: 'Devices in the answer' }).waitFor()
    }
    assert.deepEqual(complaints, [])
    await close()
  })

  test('an address is the whole view: filters stand in it, and it opens again as it was', async () => {
    const { page, go, close } = await visit(fleet, await browser())
    await go('/devices?tag=team%3Doffice')
    await page.getByLabel('Liveness').selectOption('dormant')
    await page.waitForURL('**/devices?*liveness=dormant*')
    await page.getByRole('link', { name: 'kiosk-lobby' }).waitFor()
    await page.getByText('1 devices').or(page.getByText('1 device')).first().waitFor()
    await page.reload()
    await page.getByRole('link', { name: 'kiosk-lobby' }).waitFor()
    assert.equal(await page.getByRole('link', { name: 'ada-macbook' }).count(), 0)
    await close()
  })

  test('devices are chosen by key and given a tag', async () => {
    const { page, go, close } = await visit(fleet, await browser())
    await go('/devices?name=edge')
    await page.locator('[role=row][data-at="0"]').focus()
    await page.keyboard.press('x')
    await page.keyboard.press('j')
    await page.keyboard.press('x')
    await page.getByText('2 devices chosen').waitFor()
    await page.getByRole('button', { name: 'Give tags' }).click()
    await page.getByLabel('Tags, such as team=web').fill('pilot')
    await page.keyboard.press('Enter')
    await page.getByText('2 devices chosen').waitFor({ state: 'detached' })
    for (const hostname of ['edge-berlin', 'edge-lagos']) {
      const device = await value(call(fleet.server.owner, readDevice, { params: { id: fleet.idOf(hostname) } }))
      assert.ok(device.tags.includes('pilot'), hostname)
    }
    await close()
  })

  test('of many devices that are revoked, each that would not have it says why', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    const [gone, there] = await Promise.all(
      ['passing-1', 'passing-2'].map(async (hostname) => (await fleet.enrolled({ hostname })).identity().deviceId),
    )
    await go('/devices?name=passing')
    await page.getByLabel('Choose all that are loaded').check()
    await page.getByText('2 devices chosen').waitFor()
    // Somebody else was quicker with one of them.
    await value(call(fleet.server.owner, mergeDevice, { params: { id: gone ?? '' }, body: { intoId: there ?? '' } }))
    await page.getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('list', { name: 'Refused' }).getByText('passing-1').waitFor()
    await page.getByText('1 refused').waitFor()
    const device = await value(call(fleet.server.owner, readDevice, { params: { id: there ?? '' } }))
    assert.equal(device.status, 'revoked')
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByText('2 devices chosen').waitFor({ state: 'detached' })
    assert.deepEqual(complaints, [])
    await close()
  })

  test('a column sorts by key, the order stands in the address, and a view is found again under its name', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    await go('/devices?name=macbook')
    const first = () => page.locator('[role=row][data-at="0"]').getByRole('link').first().innerText()
    assert.equal(await first(), 'ada-macbook')
    const head = page.getByRole('columnheader', { name: 'Device' })
    await head.getByRole('button').focus()
    await page.keyboard.press('Enter')
    await page.waitForURL('**order=desc')
    await page.locator('[role=row][data-at="0"]').getByText('radia-macbook').waitFor()
    assert.equal(await head.getAttribute('aria-sort'), 'descending')
    await page.getByRole('button', { name: 'Save view' }).click()
    await page.getByLabel('Name', { exact: true }).fill('macs, last first')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Forget view' }).waitFor()
    const elsewhere = await visit(fleet, await browser())
    await elsewhere.go('/devices')
    await elsewhere.page.getByLabel('Saved view').selectOption('macs, last first')
    await elsewhere.page.waitForURL((url) => url.searchParams.get('order') === 'desc')
    await elsewhere.page.locator('[role=row][data-at="0"]').getByText('radia-macbook').waitFor()
    await elsewhere.page.getByRole('button', { name: 'Forget view' }).click()
    await elsewhere.page.getByRole('button', { name: 'Save view' }).waitFor()
    assert.deepEqual([...complaints, ...elsewhere.complaints], [])
    await elsewhere.close()
    await close()
  })

  test('a device is revoked with a reason, and it is on record who did it', async () => {
    const { page, go, close } = await visit(fleet, await browser())
    const id = fleet.idOf('carol-thinkpad')
    await go(`/devices/${id}`)
    await page.getByRole('button', { name: 'Revoke' }).click()
    await page.getByLabel('Reason (optional)').fill('left on a train')
    await page.keyboard.press('Enter')
    await page.getByText('left on a train').waitFor()
    const { items } = await value(
      call(fleet.server.owner, listAudit, { query: { action: 'device.revoked', targetId: id } }),
    )
    assert.equal(items[0]?.actor.displayName, 'first owner')
    await close()
  })

  test('a device is merged into another, and the data of a retired one deleted after its id was said again', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    const [old, next, gone] = [fleet.idOf('edge-lagos'), fleet.idOf('edge-berlin'), fleet.idOf('old-mini')]
    const dialog = page.getByRole('dialog')
    await go(`/devices/${old}`)
    await page.getByRole('button', { name: 'Merge' }).click()
    await dialog.getByText('It cannot be taken back.').waitFor()
    await dialog.getByLabel('Id of the device it is now').fill(next)
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'read under its present name' }).waitFor()
    assert.deepEqual((await value(call(fleet.server.owner, readDevice, { params: { id: next } }))).formerIds, [old])
    await go(`/devices/${gone}`)
    await page.getByRole('button', { name: 'Delete data' }).click()
    const agree = dialog.getByRole('button', { name: 'Delete' })
    assert.equal(await agree.isDisabled(), true)
    await dialog.getByLabel('The id of the device once more').fill(gone)
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    const { dataDeletion } = await value(call(fleet.server.owner, readDevice, { params: { id: gone } }))
    assert.notEqual(dataDeletion, null)
    await page.getByRole('button', { name: 'Delete data' }).waitFor({ state: 'detached' })
    assert.deepEqual(complaints, [])
    await close()
  })

  test('the slider goes back in time, and the address keeps the moment', async () => {
    const { page, go, close } = await visit(fleet, await browser())
    await go(`/devices/${fleet.idOf('build-02')}?tab=inventory`)
    await page.getByRole('gridcell', { name: 'plain-crypto-js' }).waitFor()
    await page.getByRole('slider').focus()
    await page.keyboard.press('PageDown')
    await page.waitForURL('**asOf=**')
    await page.getByRole('gridcell', { name: 'plain-crypto-js' }).waitFor({ state: 'detached' })
    await page.getByRole('gridcell', { name: 'lodash' }).waitFor()
    await page.getByRole('button', { name: 'Back to now' }).click()
    await page.getByRole('gridcell', { name: 'plain-crypto-js' }).waitFor()
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 16)
    await page.getByLabel('exactly').fill(yesterday)
    await page.waitForURL('**asOf=**')
    await page.getByRole('gridcell', { name: 'plain-crypto-js' }).waitFor({ state: 'detached' })
    assert.notEqual(await page.getByRole('slider').getAttribute('aria-valuetext'), 'now')
    await close()
  })

  test('load over time is drawn, read with the arrow keys, and a table as well', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    await go(`/devices/${fleet.idOf('ada-macbook')}`)
    await page.getByRole('link', { name: 'Load' }).click()
    await page.locator('.chart canvas').nth(2).waitFor()
    const slider = page.getByRole('slider', { name: 'Load over time' })
    const newest = await slider.getAttribute('aria-valuetext')
    await slider.focus()
    await page.keyboard.press('Home')
    const oldest = (await slider.getAttribute('aria-valuetext')) ?? ''
    assert.match(oldest, /processors [\d.]+ %, memory [\d.]+ %, the fullest disk [\d.]+ %; 1 heartbeat$/)
    assert.notEqual(oldest, newest)
    await page.getByText(oldest, { exact: true }).waitFor()
    await page.getByLabel('Time', { exact: true }).selectOption('month')
    await page.waitForURL('**span=month')
    await page.getByText('by the hour: mean, and from least to most').waitFor()
    await page.getByText('The same as a table').click()
    await page.getByRole('grid', { name: 'Load' }).getByRole('row').nth(1).waitFor()
    assert.deepEqual(complaints, [])
    await close()
  })

  test('events and findings over time are drawn, read with keys, and told by the hour when asked', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    await go('/')
    await page.locator('.chart canvas').nth(1).waitFor()
    const slider = page.getByRole('slider', { name: 'Events and findings over time' })
    assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /UTC\): \d+ events, new findings: 2 critical/)
    await slider.focus()
    await page.keyboard.press('Home')
    await page
      .locator('.chart-reading')
      .getByText(/events, new findings: .*info/)
      .waitFor()
    await page.getByLabel('Time', { exact: true }).selectOption('hour')
    await page.waitForURL('**/?by=hour')
    await page.locator('.chart-reading').getByText('the hour from').waitFor()
    await page.getByText('The same as a table').click()
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'CSV', exact: true }).click()
    assert.match((await coming).suggestedFilename(), /^activity-/)
    assert.deepEqual(complaints, [])
    await close()
  })

  test('a machine joins with a token that was just made, and the page sees it come in', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    await go('/enrolment')
    await page.getByLabel('For', { exact: true }).fill('the new laptop')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Ready to enrol' }).waitFor()
    const token = await page.locator('code').filter({ hasText: /^met_/ }).innerText()
    await page.getByText('Waiting for a machine').waitFor()
    await fleet.enrolled({ enrollmentToken: token, hostname: 'new-laptop' })
    await page.getByRole('link', { name: 'new-laptop' }).waitFor()
    await page.getByText('used 1 of 1').waitFor()
    assert.deepEqual(complaints, [])
    await close()
  })

  test('the list of devices is a table to take away', async () => {
    const { page, go, close } = await visit(fleet, await browser())
    await go('/devices?name=macbook')
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'CSV' }).click()
    const download = await coming
    assert.match(download.suggestedFilename(), /^devices-\d{4}-\d\d-\d\d\.csv$/)
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
    const lines = Buffer.concat(chunks).toString('utf8').trimEnd().split('\r\n')
    assert.equal(lines.length, 1 + machines.filter(({ hostname }) => hostname.includes('macbook')).length)
    assert.match(lines[0] ?? '', /^"id","hostname"/)
    await close()
  })
})
