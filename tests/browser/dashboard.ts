// The dashboard as somebody uses it: a browser that is signed in, on a server with a fleet, and what a good page is.
// Which journeys are made is the tests' own.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { readDashboard } from '@muster/web'
import { ensureDashboard } from '@muster/web/build'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Ground } from '../wire/ground.ts'
import { openPage, type Watched } from './browser.ts'

export const builtDashboard = async () => {
  await ensureDashboard()
  return readDashboard()
}

export const ownerToken = ({ server }: Ground): string =>
  readFileSync(join(server.dataDir, 'admin-token'), 'utf8').trim()

export interface Visit extends Watched {
  /** Opens an address of the dashboard and waits until nothing is loading. */
  go(path: string): Promise<void>
}

/** Nothing on the page says that it is still loading. */
export const settled = async (page: Page): Promise<void> => {
  await page.locator('h1').first().waitFor()
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
}

export const signIn = async (page: Page, token: string): Promise<void> => {
  await page.getByLabel('Operator token').fill(token)
  await page.keyboard.press('Enter')
  await page.locator('main#page').waitFor()
}

export const visit = async (ground: Ground, browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> => {
  const watched = await openPage(browser, { baseURL: ground.server.api.url, ...options })
  const { page } = watched
  await page.goto('/')
  await signIn(page, ownerToken(ground))
  return {
    ...watched,
    async go(path) {
      await page.goto(path)
      await settled(page)
    },
  }
}

const axeText = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly target: readonly string[] }[]
  }[]
}

/** What axe finds wrong on the page, each with where. */
export const axeFaults = async (page: Page): Promise<readonly string[]> => {
  // Evaluated by the debugger, which the page's policy does not reach; a script element would be refused.
  await page.evaluate(axeText)
  const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResult
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

/** What is not good about the page: what axe says, whether it is cut off sideways, and what the browser complained of. */
export const faultsOf = async ({ page, complaints }: Watched): Promise<readonly string[]> => {
  const width = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
  const overflow = Number(await page.evaluate(width))
  return [
    ...(await axeFaults(page)),
    ...(overflow === 0 ? [] : [`scrolls sideways by ${overflow}`]),
    ...complaints,
  ].map((fault) => `${page.url()} ${fault}`)
}
