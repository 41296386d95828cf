// What `muster-agent explain` shows of what was sent, of what waits and of what was refused, by the program itself after it
// has talked to a server; and that no secret of this machine is among it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startBackend } from '../lanes/observe/testing/backend.ts'
import { scratchFolder } from '../lanes/observe/testing/stores.ts'
import { launch, place, runToEnd, textOf, untilSaid } from '../program/testing/agent-program.ts'

const secret = (of: string): string => `SECRET-of-${of}`

/** A home whose tool was told secrets wherever a tool takes them. */
const homeWithSecrets = (): string => {
  const home = join(scratchFolder(), 'home')
  mkdirSync(home)
  const tracker = {
    command: 'npx',
    args: ['tracker', '--api-key', secret('argument')],
    env: { TRACKER_TOKEN: secret('env') },
    headers: { Authorization: `Bearer ${secret('header')}` },
    oauth: { clientSecret: secret('oauth') },
  }
  writeFileSync(join(home, '.claude.json'), JSON.stringify({ mcpServers: { tracker } }))
  return home
}

test('explain shows what was sent, what would be and what was rejected, and none of the secrets it was near', async () => {
  const backend = await startBackend()
  const home = homeWithSecrets()
  const belongs = { server: backend.url, serverCA: backend.caFile, enrollmentToken: secret('enrolment') }
  const { config, projects, lock } = place(belongs, { home, claude: { enabled: true } })
  const path = join(projects, 'package-lock.json')

  lock({ good: '1.0.0', odd: '2.0.0' })
  backend.levers.rejectedNames = new Set(['odd'])
  const first = launch(['run', '--config', config])
  await backend.until(() => backend.heard.checkIns.length > 0)
  first.kill('SIGTERM')
  await once(first, 'close')

  lock({ good: '1.0.0', odd: '2.0.0', late: '3.0.0' })
  backend.levers.protectedRefusal = 'device_not_active'
  const second = launch(['run', '--config', config])
  await untilSaid(second, textOf(second), /server does not accept this device/)
  second.kill('SIGTERM')
  await once(second, 'close')
  await backend.hangUp()

  const told = JSON.parse(readFileSync(config, 'utf8'))
  told.enrollmentToken = secret('another-enrolment')
  told.proxyUrl = `http://ada:${secret('proxy')}@127.0.0.1:9`
  told.observe.sync.sensorToken = secret('sensor')
  writeFileSync(config, JSON.stringify(told))
  const { out } = await runToEnd(['explain', '--config', config])
  const section = (title: string): string =>
    out.split('\n\n').find((part) => part.startsWith(title)) ?? assert.fail(title)

  const [sent, waiting, rejected] = ['SENT', 'WOULD BE SENT', 'REJECTED'].map(section)
  const at = '\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z'
  assert.match(sent ?? '', new RegExp(`^SENT to ${backend.url} `))
  assert.match(sent ?? '', /^ {2}claudeConfig: 1 items, \d+ bytes$/m)
  assert.match(sent ?? '', /^ {2}javascriptPackages: 1 items, \d+ bytes$/m)
  assert.match(sent ?? '', new RegExp(`^ {4}${at} added javascriptPackages item good 1\\.0\\.0 {2}${path}$`, 'm'))
  assert.match(sent ?? '', new RegExp(`^ {4}${at} added claudeConfig item tracker {2}${home}/\\.claude\\.json$`, 'm'))
  assert.match(waiting ?? '', /^ {2}javascriptPackages: 1 items, \d+ bytes$/m)
  assert.match(waiting ?? '', /^ {2}javascriptPackages: 1 findings, \d+ bytes$/m)
  assert.match(waiting ?? '', new RegExp(`^ {4}${at} added javascriptPackages item late 3\\.0\\.0 {2}${path}$`, 'm'))
  assert.match(waiting ?? '', / modified javascriptPackages finding packages\.new-javascript-package on late {2}/)
  assert.equal(rejected, 'REJECTED by the server\n  invalid_payload: odd?[2J')
  for (const name of ['odd', 'late']) assert.equal(sent?.includes(` ${name} `), false)
  assert.equal(waiting?.includes(' good '), false)

  const everything = out + (await runToEnd(['explain', '--json', '--config', config])).out
  assert.deepEqual(everything.match(/SECRET-of-[a-z-]+/g), null)
})
