// `npm run pictures`: each page of the dashboard as a picture, light and dark, of a fleet that looks like one.
// They are for papers; whether the pages are good is said by the tests.
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { openBrowser } from './browser.ts'
import { builtDashboard, visit } from './dashboard.ts'
import { type Fleet, openFleet } from './fleet.ts'

const folder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'docs', 'pictures')

interface Picture {
  readonly path: string
  /** What is done on the page before it is taken. */
  readonly prepare?: (page: Page) => Promise<void>
}

const makeToken = async (page: Page): Promise<void> => {
  await page.getByLabel('For', { exact: true }).fill('laptops of the web team')
  await page.keyboard.press('Enter')
  await page.getByText('Waiting for a machine').waitFor()
}

const picturesOf = (fleet: Fleet): Readonly<Record<string, Picture>> => {
  const device = `/devices/${fleet.idOf('ada-macbook')}`
  return {
    overview: { path: '/', prepare: (page) => page.locator('.chart canvas').nth(1).waitFor() },
    devices: { path: '/devices?sort=os' },
    device: { path: device },
    inventory: { path: `${device}?tab=inventory` },
    load: {
      path: `${device}?tab=load`,
      prepare: (page) => page.locator('.chart canvas').nth(2).waitFor(),
    },
    search: { path: '/search?q=axios@1.14.1' },
    findings: { path: '/findings' },
    policies: { path: '/policies' },
    audit: { path: '/audit' },
    settings: { path: '/settings' },
    enrolment: { path: '/enrolment', prepare: makeToken },
  }
}

const main = async (): Promise<void> => {
  await mkdir(folder, { recursive: true })
  const fleet = await openFleet({ dashboard: await builtDashboard() })
  const browser = await openBrowser()
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, go, close } = await visit(fleet, browser, { colorScheme })
    for (const [name, { path, prepare }] of Object.entries(picturesOf(fleet))) {
      await go(path)
      await prepare?.(page)
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
    }
    await close()
  }
  await browser.close()
  await fleet.close()
}

await main()
