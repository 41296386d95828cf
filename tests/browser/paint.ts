// A program that opens each page of a dashboard cold, in Debian's Chromium, and tells when it was first of use: its head
// is there and nothing on it is loading any more. Also what a first load weighs on the wire.
// What it is held to is the bench's.
import type { Browser, Cookie } from 'playwright-core'
import { openBrowser, openPage } from './browser.ts'
import { signIn } from './dashboard.ts'
import { placesOf, type Shown } from './places.ts'

export interface PaintOrder {
  readonly url: string
  readonly token: string
  readonly shown: Shown
  /** How often each page is opened. */
  readonly times: number
}

export interface Painted {
  readonly place: string
  /** From the request for the page until it was first of use, each time. */
  readonly ms: readonly number[]
}

export interface PaintReply {
  readonly painted: readonly Painted[]
  /** Compressed, of everything that the first page loads. */
  readonly firstLoadBytes: number
  readonly browser: string
}

const patienceMs = 60_000

// Runs in the page from its first moment on; asks once a frame, so the moment is one at which something was drawn.
const watch = `window.usefulMs = new Promise((tell, giveUp) => {
  setTimeout(() => giveUp(new Error('the page never was of use')), ${patienceMs})
  const look = () => {
    const isThere = document.querySelector('main#page h1') !== null && document.querySelector('[aria-busy=true]') === null
    requestAnimationFrame(isThere ? () => tell(performance.now()) : look)
  }
  requestAnimationFrame(look)
})`

const openSession = async (browser: Browser, { url, token }: PaintOrder): Promise<readonly Cookie[]> => {
  const { page, close } = await openPage(browser, { baseURL: url })
  await page.goto('/')
  await signIn(page, token)
  const cookies = await page.context().cookies()
  await close()
  return cookies
}

interface Visit {
  readonly ms: number
  readonly loadedBytes: number
}

/** A browser that was never there, but is signed in. */
const visitCold = async (browser: Browser, url: string, cookies: readonly Cookie[], path: string): Promise<Visit> => {
  const { page, close } = await openPage(browser, { baseURL: url })
  await page.context().addCookies([...cookies])
  await page.addInitScript({ content: watch })
  await page.goto(path)
  const ms = Number(await page.evaluate('window.usefulMs'))
  const loaded = await page.evaluate(`performance.getEntriesByType('resource')
    .filter(({ name }) => name.includes('/assets/')).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`)
  await close()
  return { ms, loadedBytes: Number(loaded) }
}

const paint = async (order: PaintOrder): Promise<PaintReply> => {
  const browser = await openBrowser()
  const cookies = await openSession(browser, order)
  const painted: Painted[] = []
  let firstLoadBytes = 0
  for (const [place, path] of Object.entries(placesOf(order.shown))) {
    const ms: number[] = []
    for (let time = 0; time < order.times; time += 1) {
      const visit = await visitCold(browser, order.url, cookies, path)
      if (place === 'overview') firstLoadBytes = visit.loadedBytes
      ms.push(visit.ms)
    }
    painted.push({ place, ms })
  }
  const version = browser.version()
  await browser.close()
  return { painted, firstLoadBytes, browser: version }
}

// Whoever started this keeps it waiting for its order.
process.channel?.ref()
process.once('message', (order: PaintOrder) => {
  void paint(order).then((reply) => {
    process.send?.(reply)
    process.channel?.unref()
  })
})
