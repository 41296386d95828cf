// Proof on a real disk that contexts are kept to their owner and survive being written.
// What a context is worth is decided in decide.ts.
import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { inspect } from 'node:util'
import { Secret } from '@muster/kernel'
import { findCheckout } from './checkout.ts'
import { contextsFile, readContexts, writeContexts } from './contexts.ts'
import { defaultUrl } from './decide.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-cli-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const place = (name: string) => ({ env: {}, homeFolder: join(folder, name), platform: 'linux' as const })

test('each system has its own folder', () => {
  const homeFolder = join('/', 'home', 'ada')
  const of = (platform: NodeJS.Platform, env = {}) => contextsFile({ platform, env, homeFolder })
  assert.equal(of('linux'), join(homeFolder, '.config', 'muster', 'contexts.json'))
  assert.equal(of('linux', { XDG_CONFIG_HOME: '/xdg' }), join('/xdg', 'muster', 'contexts.json'))
  assert.equal(of('darwin'), join(homeFolder, 'Library', 'Application Support', 'muster', 'contexts.json'))
  assert.equal(of('win32', { APPDATA: '/roaming' }), join('/roaming', 'muster', 'contexts.json'))
})

test('no file is no contexts', async () => {
  assert.deepEqual(await readContexts(place('none')), { current: null, contexts: {} })
})

test('what is written is read back, by its owner only, and is not printed by accident', async () => {
  const at = place('kept')
  const token = new Secret('mot_secret')
  await writeContexts(at, { current: 'prod', contexts: { prod: { url: 'https://prod.example', token } } })
  const read = await readContexts(at)
  assert.equal(read.contexts['prod']?.token?.reveal(), 'mot_secret')
  assert.doesNotMatch(inspect(read, { depth: 9 }) + JSON.stringify(read), /mot_secret/)
  assert.equal((await stat(contextsFile(at))).mode & 0o777, 0o600)
  assert.equal((await stat(dirname(contextsFile(at)))).mode & 0o777, 0o700)
})

test('a file that others can read is refused with the remedy', async () => {
  const at = place('open')
  await writeContexts(at, { current: null, contexts: {} })
  await chmod(contextsFile(at), 0o644)
  await assert.rejects(readContexts(at), /chmod 600/)
})

test('a file that is no JSON is refused by name and stays as it is', async () => {
  const at = place('broken')
  await mkdir(dirname(contextsFile(at)), { recursive: true })
  await writeFile(contextsFile(at), '{"current":', { mode: 0o600 })
  await assert.rejects(readContexts(at), /contexts\.json cannot be read/)
  assert.equal(await readFile(contextsFile(at), 'utf8'), '{"current":')
})

test('the token of a checkout is found from any folder in it, and only there', async () => {
  const checkout = join(folder, 'checkout')
  await mkdir(join(checkout, '.muster'), { recursive: true })
  await mkdir(join(checkout, 'apps', 'cli'), { recursive: true })
  await writeFile(join(checkout, '.muster', 'admin-token'), 'mot_up\n')
  assert.equal(await findCheckout(join(checkout, 'apps', 'cli')), null)
  await writeFile(join(checkout, 'package.json'), '{}')
  const found = await findCheckout(join(checkout, 'apps', 'cli'))
  assert.deepEqual([found?.url, found?.token?.reveal()], [defaultUrl, 'mot_up'])
  await writeFile(join(checkout, '.muster', 'running.json'), '{"api":{"url":"http://127.0.0.1:9000"}}')
  assert.equal((await findCheckout(checkout))?.url, 'http://127.0.0.1:9000')
  assert.equal(await findCheckout(folder), null)
})
