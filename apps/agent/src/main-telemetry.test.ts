// The program with its telemetry lane from outside: how it joins, how it is stopped, and how it ends for good.
// What the lane does between is proved in lanes/telemetry.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, beforeEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { refusal, scratchFolder, startPlatform, type TestPlatform } from './lanes/telemetry/testing/platform.ts'

const program = fileURLToPath(new URL('./main.ts', import.meta.url))
const token = `met_${'s'.repeat(43)}`

let platform: TestPlatform
let dataDir: string
let config: string

const launched = new Set<ChildProcess>()
const launch = (args: readonly string[]) => {
  const child = spawn(process.execPath, [program, ...args, '--config', config])
  launched.add(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece) => {
      said += piece
    })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, said }))
  return { child, ended }
}
const runToEnd = (...args: readonly string[]) => launch(args).ended

after(() => {
  for (const child of launched) child.kill('SIGKILL')
})
beforeEach(async () => {
  platform = await startPlatform()
  const folder = scratchFolder()
  dataDir = join(folder, 'data')
  config = join(folder, 'agent.yaml')
  writeFileSync(
    config,
    `server: ${platform.url}\nserverCA: ${platform.caFile}\nenrollmentToken: ${token} # once\ndataDir: ${dataDir}\nplanes: [telemetry]\n`,
  )
})
afterEach(() => platform.hangUp())

test('enroll joins once and hides the token’s file; status, doctor and explain know of it, and reset forgets it', async () => {
  assert.equal(statSync(config).mode & 0o077, 0o044)
  const first = await runToEnd('enroll')
  assert.deepEqual([first.code, /enrolled for telemetry as agt_1/.test(first.said)], [0, true])
  assert.match(first.said, /could be read by others/)
  assert.equal(statSync(config).mode & 0o777, 0o600)
  assert.equal(readFileSync(config, 'utf8').includes(token), false)
  assert.deepEqual([(await runToEnd('enroll')).code, platform.heard.exchanges.length], [0, 1])
  assert.match((await runToEnd('status')).said, /^telemetry +agt_1; no heartbeat yet$/m)
  assert.equal(JSON.parse((await runToEnd('status', '--json')).said).telemetry.agentId, 'agt_1')
  assert.match((await runToEnd('doctor')).said, /^ok {2}telemetry +agt_1, no heartbeat yet$/m)
  const explained = JSON.parse((await runToEnd('explain', '--json')).said)
  assert.equal(Object.keys(explained.telemetry.facts).length, 11)
  const key = readFileSync(join(dataDir, 'device-key.pem'), 'utf8')
  assert.match((await runToEnd('reset')).said, /identity\.json/)
  assert.equal(readFileSync(join(dataDir, 'device-key.pem'), 'utf8'), key)
  assert.equal((await runToEnd('enroll')).code, 2)
  await runToEnd('reset', '--all')
  assert.equal(existsSync(join(dataDir, 'telemetry')), false)
})

test('the token may come from standard input', async () => {
  writeFileSync(config, readFileSync(config, 'utf8').replace(/^enrollmentToken.*\n/m, ''))
  const { child, ended } = launch(['enroll', '--token-stdin'])
  child.stdin?.end(`${token}\n`)
  assert.equal((await ended).code, 0)
  assert.equal(platform.heard.exchanges[0]?.body['enrollment_token'], token)
})

test('a refused token ends enroll and run with 3, stays in the file, and is said nowhere', async () => {
  platform.levers.exchange.push(refusal(401, 'enrollment_rejected'), refusal(401, 'enrollment_rejected'))
  const [enrolled, ran] = [await runToEnd('enroll'), await runToEnd('run')]
  assert.deepEqual([enrolled.code, ran.code], [3, 3])
  assert.match(enrolled.said, /enrollment_rejected/)
  assert.match(readFileSync(config, 'utf8'), new RegExp(token))
  assert.equal((enrolled.said + ran.said).includes(token), false)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  test(`${signal} ends it with 0, also while a request hangs`, async () => {
    platform.levers.isSilent = true
    const { child, ended } = launch(['run'])
    await platform.until(() => platform.heard.exchanges.length === 1)
    child.kill(signal)
    const first = await ended
    assert.deepEqual([first.code, first.signal], [0, null], first.said)
    platform.levers.isSilent = false
    await runToEnd('enroll')
    platform.levers.isSilent = true
    const second = launch(['run'])
    await platform.until(() => platform.heard.heartbeats.length === 1)
    second.child.kill(signal)
    assert.equal((await second.ended).code, 0)
  })

test('a rejected device ends with 4, again without a word to the server, until a person lets it speak', async () => {
  platform.levers.heartbeat.push(refusal(403, 'identity_stale'))
  const first = await runToEnd('run')
  assert.deepEqual([first.code, /identity_stale/.test(first.said)], [4, true])
  assert.deepEqual([(await runToEnd('run')).code, platform.heard.heartbeats.length], [4, 1])
  assert.equal((await runToEnd('run', '--exit-zero-if-rejected')).code, 0)
  assert.match((await runToEnd('status')).said, /^telemetry +rejected by the server since .* \(identity_stale\)/m)
  const doctor = await runToEnd('doctor')
  assert.deepEqual([doctor.code, /^!! {2}telemetry .*--clear-rejected/m.test(doctor.said)], [1, true])
  const { child, ended } = launch(['run', '--clear-rejected'])
  await platform.until(() => platform.heard.heartbeats.length === 2)
  child.kill('SIGTERM')
  assert.equal((await ended).code, 0)
  assert.equal(existsSync(join(dataDir, 'telemetry', 'rejected.json')), false)
})

test('killed between the two writes, it wakes up as the same agent and takes the token away', async () => {
  const text = readFileSync(config, 'utf8')
  await runToEnd('enroll')
  writeFileSync(config, text)
  const { child, ended } = launch(['run'])
  await platform.until(() => platform.heard.heartbeats.length === 1)
  child.kill('SIGKILL')
  await ended
  assert.equal(platform.heard.exchanges.length, 1)
  assert.equal(readFileSync(config, 'utf8').includes(token), false)
})
