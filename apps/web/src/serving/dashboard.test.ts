// The built dashboard as replies: what is cached for how long, what may run on the page, and what is not the dashboard's.
// That a real browser agrees is tests/browser.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { type Dashboard, readDashboard } from './dashboard.ts'

const folder = mkdtempSync(join(tmpdir(), 'muster-dashboard-'))
const script = 'console.log("built")'
const html = { accept: 'text/html,*/*' }

suite('the built dashboard', () => {
  let dashboard: Dashboard
  before(() => {
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'index.html'), '<meta nonce="__nonce__" content="__known__">')
    writeFileSync(join(folder, 'assets', 'a-1.js'), script)
    writeFileSync(join(folder, 'assets', 'a-1.js.gz'), gzipSync(script))
    writeFileSync(join(folder, 'built-from'), 'digest')
    const read = readDashboard({ folder })
    assert.ok(read !== null)
    dashboard = read
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  test('nothing was built, nothing is served', () => assert.equal(readDashboard({ folder: join(folder, 'no') }), null))

  test('files with a hash in their name are kept for ever, compressed for whom it suits', () => {
    const plain = dashboard({ path: '/assets/a-1.js', headers: {} })
    assert.equal(String(plain?.body), script)
    assert.match(plain?.headers['cache-control'] ?? '', /immutable/)
    const packed = dashboard({ path: '/assets/a-1.js', headers: { 'accept-encoding': 'br;q=1, gzip' } })
    assert.equal(packed?.headers['content-encoding'], 'gzip')
    assert.equal(gunzipSync(packed?.body ?? '').toString(), script)
    const refused = dashboard({ path: '/assets/a-1.js', headers: { 'accept-encoding': 'gzip;q=0' } })
    assert.equal(refused?.headers['content-encoding'], undefined)
  })

  test('the page allows its own scripts and styles, and nothing unsafe, with another word each time', () => {
    const [one, two] = [dashboard({ path: '/', headers: {} }), dashboard({ path: '/devices', headers: html })]
    const policy = one?.headers['content-security-policy'] ?? ''
    assert.match(policy, /default-src 'none'; script-src 'self';/)
    assert.doesNotMatch(policy, /unsafe|\*|data:.*script|https?:/)
    const nonce = /'nonce-([\w-]{22})'/.exec(policy)?.[1] ?? ''
    assert.ok(String(one?.body).includes(`nonce="${nonce}"`))
    assert.notEqual(one?.headers['content-security-policy'], two?.headers['content-security-policy'])
  })

  test('the page knows whether this browser may be signed in', () => {
    const bodyFor = (cookie: string): string => String(dashboard({ path: '/', headers: { cookie } })?.body)
    assert.match(bodyFor('muster_session=mos_x'), /"yes"/)
    assert.match(bodyFor('other=1'), /"no"/)
    assert.match(String(readDashboard({ folder, isOpen: true })?.({ path: '/', headers: {} })?.body), /"yes"/)
  })

  const strangers: readonly (readonly [name: string, path: string, headers: Record<string, string>])[] = [
    ['a program that asks anywhere', '/devices', { accept: 'application/json' }],
    ['a file that is not there', '/assets/b-2.js', html],
    ['a way out of the folder', '/../package.json', {}],
    ['what it was built from', '/built-from', {}],
    ['the page under its file name', '/index.html', {}],
  ]
  for (const [name, path, headers] of strangers)
    test(`${name} finds nothing`, () => assert.equal(dashboard({ path, headers }), null))
})
