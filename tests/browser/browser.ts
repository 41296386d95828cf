// Debian's Chromium, and pages in it that take every complaint of the browser down: errors, violations, failed requests.
// What pages are looked at for is the tests' own; nothing is downloaded.
import { existsSync } from 'node:fs'
import { after } from 'node:test'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

// A browser that only ever sees loopback, on machines that may have no other network, no GPU and little shared memory.
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

export const openBrowser = (): Promise<Browser> => {
  const executablePath = places.find((path) => existsSync(path))
  if (executablePath === undefined)
    throw new Error('the dashboard is tested in Chromium: on Debian, apt-get install chromium')
  return chromium.launch({ executablePath, args: flags })
}

/** One browser for all tests of a file, opened by the first that asks. */
export const commonBrowser = (): (() => Promise<Browser>) => {
  let opened: Promise<Browser> | undefined
  after(async () => (await opened)?.close())
  return () => {
    opened ??= openBrowser()
    return opened
  }
}

export interface Watched {
  readonly page: Page
  /** What the browser complained of, in order; a good page leaves it empty. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

// Runs in the page, before anything of the page does.
const listenForViolations = `document.addEventListener('securitypolicyviolation', (event) =>
  console.error('policy violated: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile))`

/** A machine with two cores may run twenty tests at once. */
const patienceMs = 60_000

/** A page in a browser of nobody, with its complaints. */
export const openPage = async (browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options })
  await context.addInitScript({ content: listenForViolations })
  const page = await context.newPage()
  page.setDefaultTimeout(patienceMs)
  const complaints: string[] = []
  page.on('console', (said) => {
    const [type, text] = [said.type(), said.text()]
    // What could not be loaded is named by its place alone.
    const what = text.startsWith('Failed to load resource') ? `${text} ${said.location().url}` : text
    if (type === 'error' || type === 'warning') complaints.push(`${type}: ${what}`)
  })
  page.on('pageerror', (fault) => complaints.push(`fault: ${fault.message}`))
  return { page, complaints, close: () => context.close() }
}
