// What people come to the dashboard for when something happened: search, findings, policies, audit, settings; with the
// keyboard, in a real browser against a real server. That every page reads well is pages.test.ts.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { listAssignments, listAudit, listOperatorTokens, listPolicies, readRetention } from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import type { Download, Page } from 'playwright-core'
import { deliver, findingEvent, findingOn, itemEvent, npmItem } from '../wire/sensor-events.ts'
import { commonBrowser, openPage } from './browser.ts'
import { builtDashboard, faultsOf, settled, signIn, visit } from './dashboard.ts'
import { type Fleet, openFleet } from './fleet.ts'

const textOf = async (download: Download): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** The row with the keyboard's focus in it. */
const focusFirstRow = (page: Page): Promise<void> => page.locator('[role=row][data-at="0"]').focus()

suite('an incident', () => {
  const browser = commonBrowser()
  let fleet: Fleet
  before(async () => {
    fleet = await openFleet({ dashboard: await builtDashboard() })
  })
  after(() => fleet.close())

  test('g s, a name and a version, Enter: who has it, five counts, the note, and the evidence of one', async () => {
    const { page, complaints, close } = await visit(fleet, await browser())
    await settled(page)
    await page.keyboard.press('g')
    await page.keyboard.press('s')
    await page.getByRole('heading', { name: 'Search' }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('axios@1.14.1')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/search?q=axios%401.14.1')
    await page.getByRole('grid', { name: 'Devices in the answer' }).waitFor()
    await page.getByText('2 devices', { exact: true }).waitFor()
    const counts = await page.getByRole('navigation', { name: 'Verdicts' }).getByRole('link').allInnerTexts()
    assert.equal(counts.length, 5)
    assert.match(counts[0] ?? '', /^2\s+present/)
    await page.getByText('Read from lockfiles under the configured project roots only').waitFor()
    await focusFirstRow(page)
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Evidence' }).getByText('still there').waitFor()
    const first = page.url()
    await page.keyboard.press('j')
    await page.waitForURL((url) => url.href !== first && url.searchParams.has('device'))
    await page.reload()
    await page.getByRole('complementary', { name: 'Evidence' }).getByText('axios 1.14.1').first().waitFor()
    assert.deepEqual(complaints, [])
    await close()
  })

  test('a window and a verdict stand in the address, and the answer is a table to take away', async () => {
    const { page, go, close } = await visit(fleet, await browser())
    await go('/search?q=left-pad')
    await page.getByLabel('When').selectOption('30')
    await page.waitForURL('**from=**')
    await page.getByText(/^At any time between/).waitFor()
    await page.getByRole('link', { name: /unknown/ }).click()
    await page.waitForURL('**verdict=unknown**')
    await page
      .getByRole('grid', { name: 'Devices in the answer' })
      .or(page.getByText('No device has this verdict'))
      .waitFor()
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'CSV' }).click()
    const text = await textOf(await coming)
    assert.match(text, /^"deviceId","hostname"/)
    await close()
  })

  test('a window that ends before it begins is told so and not asked', async () => {
    const { page, go, close } = await visit(fleet, await browser())
    await go('/search?q=axios&from=2026-02-01T00:00:00.000Z&to=2026-01-01T00:00:00.000Z')
    await page.getByRole('alert').getByText('ends before it begins').waitFor()
    assert.equal(await page.getByRole('grid').count(), 0)
    await close()
  })

  test('findings are walked with j and k, with the evidence beside them', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    await go('/findings?severity=critical')
    await page.getByText('2 findings').waitFor()
    await focusFirstRow(page)
    await page.keyboard.press('Enter')
    const evidence = page.getByRole('complementary', { name: 'Evidence' })
    const deviceOf = () => evidence.getByRole('link', { name: /ada-macbook|build-02/ }).innerText()
    const first = await deviceOf()
    const address = page.url()
    await page.keyboard.press('j')
    await page.waitForURL((url) => url.href !== address)
    const other = first === 'ada-macbook' ? 'build-02' : 'ada-macbook'
    await evidence.getByRole('link', { name: other }).waitFor()
    await page.keyboard.press('k')
    await evidence.getByRole('link', { name: first }).waitFor()
    await page.keyboard.press('Escape')
    await evidence.waitFor({ state: 'detached' })
    await page.locator('[role=row][data-at="0"]:focus').waitFor()
    await page.keyboard.press('Enter')
    await evidence.getByRole('link', { name: 'acme.npm-denylist' }).click()
    await page.waitForURL('**rule=acme.npm-denylist**')
    assert.deepEqual(complaints, [])
    await close()
  })

  test('findings are a table to take away', async () => {
    const { page, go, close } = await visit(fleet, await browser())
    await go('/findings?severity=critical')
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'CSV' }).click()
    const lines = (await textOf(await coming)).trimEnd().split('\r\n')
    assert.equal(lines.length, 3)
    await close()
  })

  test('the chain is verified, an entry opened by key, and a filter stands in the address', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    await go('/audit')
    await page.getByRole('button', { name: 'Verify the chain' }).click()
    await page.getByText(/The chain is whole: all \d+ entries fit/).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('device.revoked')
    await page.keyboard.press('Enter')
    await page.waitForURL('**action=device.revoked')
    await page.getByText('1 entries').waitFor()
    await focusFirstRow(page)
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Entry' }).getByText('reported stolen').waitFor()
    assert.deepEqual(complaints, [])
    await close()
  })

  test('the whole history comes as lines that can be verified elsewhere', async () => {
    const { page, go, close } = await visit(fleet, await browser())
    await go('/audit')
    const coming = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Whole history' }).click()
    const [line = ''] = (await textOf(await coming)).split('\n')
    assert.equal((JSON.parse(line) as { seq: number }).seq, 1)
    await close()
  })

  test('a policy is written with completion, told what is wrong with it, published to a group, and rolled back', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    const { owner } = fleet.server
    await go('/policies')
    await page.getByRole('link', { name: 'New policy' }).click()
    const text = page.getByRole('textbox', { name: 'Policy document' })
    await text.click()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('apiVersion: fleet/v1\nkind: Policy\nmetadata:\nname: pilot\n')
    await page.getByText('line 4, column').first().waitFor()
    assert.equal(await page.getByRole('button', { name: 'Publish…' }).isDisabled(), true)
    await page.keyboard.press('Control+a')
    await page.keyboard.type('apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: pilot }\nage')
    await page.getByRole('option', { name: /^agent/ }).click()
    await page.keyboard.type('{}')
    await page.getByText('Nothing is wrong with it').waitFor()
    await page.getByRole('button', { name: 'Publish…' }).click()
    await page.getByRole('checkbox', { name: /web team/ }).check()
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
    await page.waitForURL('**/policies/pol_**')
    await page.getByRole('heading', { name: 'pilot' }).waitFor()
    const { items } = await value(call(owner, listAssignments, { query: {} }))
    assert.ok(items.some(({ group }) => group === 'web team'))
    await text.click()
    await page.keyboard.press('Control+End')
    await page.keyboard.type('\n# again')
    await page.getByText('not saved').waitFor()
    await page.getByText('Compare with what is published').click()
    await page.locator('.cm-changedLine').first().waitFor()
    assert.deepEqual(complaints, [])
    await close()
  })

  test('who leaves a document that is not saved is asked first, and Ctrl+s saves it', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    await go('/policies/new')
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await go('/policies/new')
    const text = page.getByRole('textbox', { name: 'Policy document' })
    await text.click()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: unsaved }\n')
    await page.getByText('Nothing is wrong with it').waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    const asked = page.getByRole('dialog', { name: 'Leave without saving?' })
    await asked.getByRole('button', { name: 'Stay' }).click()
    await asked.waitFor({ state: 'detached' })
    await text.click()
    await page.keyboard.press('Control+s')
    await page.waitForURL('**/policies/pol_**')
    await page.getByRole('heading', { name: 'unsaved' }).waitFor()
    await text.click()
    await page.keyboard.type('# more\n')
    await page.getByText('not saved').waitFor()
    await page.getByRole('link', { name: 'Revisions' }).click()
    await asked.getByRole('button', { name: 'Leave' }).click()
    await page.getByRole('grid', { name: 'Revisions' }).waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    assert.deepEqual(complaints, [])
    await close()
  })

  test('an earlier generation is put back in force', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    const { owner } = fleet.server
    const policies = await value(call(owner, listPolicies, { query: {} }))
    const policy = policies.items.find(({ name }) => name === 'engineering')
    assert.ok(policy)
    await go(`/policies/${policy.id}`)
    const text = page.getByRole('textbox', { name: 'Policy document' })
    await text.click()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: engineering }\n')
    await page.getByText('Nothing is wrong with it').waitFor()
    await page.getByText('not saved').waitFor()
    await page.getByRole('button', { name: 'Publish…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
    await page.getByText('as published').waitFor()
    await page.getByRole('link', { name: 'Generations' }).click()
    await page.getByRole('button', { name: `Roll back to ${policy.generation ?? ''}` }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    const { items } = await value(call(owner, listAudit, { query: { action: 'policy.rolled_back' } }))
    assert.equal(items.length, 1)
    assert.deepEqual(complaints, [])
    await close()
  })

  test('an operator token is made for a group, shown once, used and revoked', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    await go('/settings')
    await page.getByLabel('For', { exact: true }).fill('the auditors')
    await page.getByLabel('Role').selectOption('analyst')
    await page.getByText('Limit it to deeds or groups').click()
    await page.getByRole('checkbox', { name: 'web team' }).check()
    await page.getByRole('checkbox', { name: 'search the fleet' }).check()
    await page.getByRole('checkbox', { name: 'see devices, findings and policies' }).check()
    await page.getByRole('button', { name: 'Make token' }).click()
    const token = await page.locator('code').filter({ hasText: /^mot_/ }).innerText()
    const { items } = await value(call(fleet.server.owner, listOperatorTokens, { query: {} }))
    const made = items.find(({ name }) => name === 'the auditors')
    assert.deepEqual(made?.groups, ['web team'])
    assert.deepEqual(made?.scopes, ['inventory:search', 'fleet:read'])
    const other = await openPage(await browser(), { baseURL: fleet.server.api.url })
    await other.page.goto('/')
    await signIn(other.page, token)
    await other.page.getByRole('link', { name: 'Search' }).waitFor()
    await page.getByRole('button', { name: `Revoke ${made?.id ?? ''}` }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('gridcell', { name: 'revoked' }).waitFor()
    await other.page.goto('/devices')
    await other.page.getByLabel('Operator token').waitFor()
    await other.close()
    assert.deepEqual(complaints, [])
    await close()
  })

  test('data is kept shorter only after being asked, and a hold is placed and released', async () => {
    const { page, go, complaints, close } = await visit(fleet, await browser())
    await go('/settings?tab=retention')
    await page.getByLabel('Raw events, days').fill('30')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Keep shorter' }).click()
    await page.getByText(/90 days until/).waitFor()
    const { items } = await value(call(fleet.server.owner, readRetention, {}))
    assert.equal(items.find(({ kind }) => kind === 'events')?.pending?.days, 30)
    await go('/settings?tab=holds')
    await page.getByLabel('Reason').fill('case 7')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /^Release / }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /^Release / }).waitFor({ state: 'detached' })
    assert.deepEqual(complaints, [])
    await close()
  })

  test('a viewer sees what crosses the wire and no other setting', async () => {
    const { page, close } = await openPage(await browser(), { baseURL: fleet.server.api.url })
    await page.goto('/settings')
    await signIn(page, await fleet.server.tokenOf('viewer'))
    await page.getByRole('heading', { name: 'What agents send' }).waitFor()
    assert.equal(await page.getByRole('link', { name: 'Retention' }).count(), 0)
    await close()
  })
})

const hostile = [
  '<img src=x onerror="document.title=1">',
  '</script><script>document.title=1</script>',
  '\u202egnirts\u202c \u0000\u0007\u200b',
  '{{constructor.constructor("document.title=1")()}}',
  'long'.repeat(2048),
  '=cmd|calc!A1',
] as const

suite('hostile words of a device', () => {
  const browser = commonBrowser()
  let fleet: Fleet
  before(async () => {
    fleet = await openFleet({ dashboard: await builtDashboard() })
    const sensor = fleet.sensors.get('build-01')
    assert.ok(sensor)
    for (const words of hostile) {
      const item = npmItem(words, words.slice(0, 100))
      const finding = findingOn(item, {
        ruleId: 'acme.hostile',
        title: words,
        rationale: words,
        evidence: { path: words, matchedField: 'name', matchedValue: words },
      })
      await deliver(sensor, [itemEvent(item, 'added'), findingEvent(finding)])
    }
  })
  after(() => fleet.close())

  test('are words on every page', async () => {
    const visited = await visit(fleet, await browser())
    const { page, go } = visited
    const faults: string[] = []
    const look = async (path: string): Promise<void> => {
      await go(path)
      faults.push(...(await faultsOf(visited)))
      assert.match(await page.title(), / · Muster$/, path)
      assert.equal(await page.locator('img[src=x]').count(), 0, path)
    }
    for (const words of hostile) await look(`/search?q=${encodeURIComponent(words.toWellFormed().slice(0, 1000))}`)
    await look('/findings?rule=acme.hostile')
    await focusFirstRow(page)
    await page.keyboard.press('Enter')
    for (const _words of hostile) {
      await page.getByRole('complementary', { name: 'Evidence' }).getByText('Rule', { exact: true }).waitFor()
      faults.push(...(await faultsOf(visited)))
      await page.keyboard.press('j')
    }
    await look(`/audit?action=${encodeURIComponent(hostile[0])}`)
    await look(`/policies/${encodeURIComponent('<b>')}`)
    assert.deepEqual(faults, [])
    await visited.close()
  })
})
