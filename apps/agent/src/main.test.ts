// The program from outside: what it prints, how it exits, how it is stopped, and that kill -9 at any moment loses and
// doubles nothing. What the lane does between is proved in lanes/observe.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { startProxy } from '@muster/http/testing'
import { startBackend } from './lanes/observe/testing/backend.ts'
import { scratchFolder } from './lanes/observe/testing/stores.ts'
import { launch, launchBy, place, program, runToEnd, textOf, untilSaid } from './program/testing/agent-program.ts'

test('a slip is told in one line, with exit code 2', async () => {
  const { code, out, err } = await runToEnd(['rnu'])
  assert.deepEqual([code, out, err], [2, '', 'muster-agent: there is no command "rnu"; see muster-agent --help\n'])
})

test('a file that is named and not there is a slip, and no file is made for it', async () => {
  const missing = join(scratchFolder(), 'agent.yaml')
  const { code, err } = await runToEnd(['run', '--config', missing])
  assert.equal(code, 2)
  assert.match(err, /agent\.yaml: cannot be read: there is no such file/)
  assert.equal(existsSync(missing), false)
})

test('help and version are data, and asking for them is no fault', async () => {
  assert.deepEqual((await runToEnd(['--version'])).code, 0)
  const { code, out } = await runToEnd(['--help'])
  assert.equal(code, 0)
  for (const command of ['run', 'enroll', 'scan', 'status', 'reset'])
    assert.match(out, new RegExp(`^  ${command} `, 'm'))
})

test('scan prints what it sees as JSON, needs no server and leaves no trace', async () => {
  const { config, dataDir, projects } = place()
  const { code, out } = await runToEnd(['scan', '--json'], { MUSTER_AGENT_CONFIG: config })
  assert.equal(code, 0)
  const { surfaces } = JSON.parse(out) as { surfaces: { surface: string; items: { name: string; path: string }[] }[] }
  assert.deepEqual(
    surfaces.map(({ surface, items }) => [surface, items.map(({ name, path }) => [name, path])]),
    [['javascriptPackages', [['a', join(projects, 'package-lock.json')]]]],
  )
  assert.equal(existsSync(dataDir), false)
})

test('what files say cannot steer the terminal', async () => {
  const { config, lock } = place()
  lock({ 'evil\u001b[2J\u202e': '1' })
  const { out } = await runToEnd(['scan', '--config', config])
  assert.match(out, /evil\?\[2J\?/)
})

test('run scans without a server, shuts its folder to others, and ends cleanly on SIGTERM', async () => {
  const { config, dataDir } = place()
  const child = launch(['run', '--config', config])
  const said = textOf(child)
  await untilSaid(child, said, /surface scanned/)
  const second = await runToEnd(['run', '--config', config])
  assert.equal(second.code, 1)
  assert.match(second.err, /another muster-agent/)
  const running = await runToEnd(['status', '--json', '--config', config])
  assert.equal(JSON.parse(running.out).isRunning, true)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'close'), [0, null])
  assert.equal(statSync(dataDir).mode & 0o777, 0o700)
  const status = JSON.parse((await runToEnd(['status', '--json', '--config', config])).out)
  assert.deepEqual(
    [status.isRunning, status.sync, status.surfaces[0].itemCount, status.surfaces[0].state],
    [false, 'off', 1, 'healthy'],
  )
  for (const line of said.err.trim().split('\n')) assert.equal(typeof JSON.parse(line).msg, 'string')
})

test('run may open as many files as the system lets it, whatever the shell it comes from allows by default', async () => {
  if (process.platform !== 'linux') return
  const { config } = place()
  const words = [process.execPath, program, 'run', '--config', config].map((word) => `'${word}'`).join(' ')
  const child = launchBy('/bin/sh', ['-c', `ulimit -Sn 200; exec ${words}`])
  await untilSaid(child, textOf(child), /surface scanned/)
  const [, soft, hard] = /^Max open files +(\S+) +(\S+)/m.exec(readFileSync(`/proc/${child.pid}/limits`, 'utf8')) ?? []
  assert.equal(soft, hard)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'close'), [0, null])
})

test('run with --exit-with-stdin ends when whoever started it is gone', async () => {
  const { config } = place()
  const child = launch(['run', '--exit-with-stdin', '--config', config])
  await untilSaid(child, textOf(child), /surface scanned/)
  child.stdin?.end()
  assert.deepEqual(await once(child, 'close'), [0, null])
})

test('enroll joins once, says so, and status and reset know of it', async () => {
  const backend = await startBackend()
  const { config, dataDir } = place({ server: backend.url, serverCA: backend.caFile, enrollmentToken: 'met_x' })
  const first = await runToEnd(['enroll', '--config', config])
  assert.deepEqual([first.code, /enrolled as dev_1/.test(first.out)], [0, true])
  const again = await runToEnd(['enroll', '--config', config])
  assert.deepEqual([again.code, backend.heard.enrollments.length], [0, 1])
  assert.doesNotMatch(readFileSync(config, 'utf8'), /met_x/)
  const status = await runToEnd(['status', '--config', config])
  assert.match(status.out, /dev_1 in tenant default/)
  const key = readFileSync(join(dataDir, 'device-key.pem'), 'utf8')
  assert.match((await runToEnd(['reset', '--config', config])).out, /enrollment\.json/)
  assert.equal(readFileSync(join(dataDir, 'device-key.pem'), 'utf8'), key)
  assert.equal((await runToEnd(['enroll', '--config', config])).code, 2)
  await runToEnd(['reset', '--all', '--config', config])
  assert.equal(existsSync(join(dataDir, 'device-key.pem')), false)
  await backend.hangUp()
})

test('renew gets the next certificate, with --new-key for another key, and refuses what has expired in its own words', async () => {
  const backend = await startBackend()
  const { config, dataDir } = place({ server: backend.url, serverCA: backend.caFile, enrollmentToken: 'met_x' })
  assert.match((await runToEnd(['renew', '--config', config])).err, /not enrolled; run: muster-agent enroll/)
  await runToEnd(['enroll', '--config', config])
  const keyFile = join(dataDir, 'device-key.pem')
  const key = readFileSync(keyFile, 'utf8')
  const plain = await runToEnd(['renew', '--config', config])
  assert.match(plain.out, /^renewed; the certificate expires 20/)
  assert.equal(readFileSync(keyFile, 'utf8'), key)
  backend.levers.renewRefusal = 'key_proof_invalid'
  assert.deepEqual((await runToEnd(['renew', '--new-key', '--config', config])).code, 3)
  assert.deepEqual([readFileSync(keyFile, 'utf8'), existsSync(join(dataDir, 'device-key.next.pem'))], [key, false])
  backend.levers.renewRefusal = null
  assert.match((await runToEnd(['renew', '--new-key', '--config', config])).out, /^renewed with a new key; /)
  assert.notEqual(readFileSync(keyFile, 'utf8'), key)
  assert.match((await runToEnd(['status', '--config', config])).out, /dev_1 in tenant default/)
  backend.levers.protectedRefusal = 'certificate_expired'
  const late = await runToEnd(['renew', '--config', config])
  assert.deepEqual([late.code, /cannot be renewed; run: muster-agent reset/.test(late.err)], [3, true])
  await backend.hangUp()
  assert.equal((await runToEnd(['renew', '--config', config])).code, 1)
  const file = join(dataDir, 'enrollment.json')
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(/("certificateExpiresAt": ")[^"]*/, '$12026-01-01T00:00:00.000Z'),
  )
  const expired = await runToEnd(['renew', '--config', config])
  assert.deepEqual([expired.code, expired.err.split('\n').length], [3, 2])
  assert.match(expired.err, /expired 2026-01-01T00:00:00\.000Z, and one that has expired cannot be renewed/)
})

test('a token the server refuses ends enroll with exit code 3, a server that is away with 1', async () => {
  const backend = await startBackend()
  backend.levers.enrollRefusal = 'enrollment_refused'
  const { config } = place({ server: backend.url, serverCA: backend.caFile, enrollmentToken: 'met_secret' })
  const refused = await runToEnd(['enroll', '--config', config])
  await backend.hangUp()
  const away = await runToEnd(['enroll', '--config', config])
  assert.deepEqual([refused.code, away.code], [3, 1])
  assert.doesNotMatch(refused.err + refused.out + away.err, /met_secret/)
})

test('the way to the server may lead through a proxy: that of the file, or else that of the environment', async () => {
  const [backend, proxy] = await Promise.all([startBackend(), startProxy()])
  const belongs = { server: backend.url, serverCA: backend.caFile, enrollmentToken: 'met_x' }
  const { host } = new URL(backend.url)
  const environment = { HTTPS_PROXY: proxy.url }
  const first = place(belongs)
  assert.equal((await runToEnd(['enroll', '--config', first.config], environment)).code, 0)
  assert.deepEqual(
    proxy.asked.map(({ to }) => to),
    [host],
  )
  const second = place({ ...belongs, proxyUrl: proxy.url })
  const elsewhere = { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1' }
  const agent = launch(['run', '--config', second.config], elsewhere)
  const said = textOf(agent)
  await untilSaid(agent, said, /batch sent/)
  agent.kill('SIGTERM')
  await once(agent, 'close')
  assert.ok(proxy.asked.length > 1)
  proxy.levers.refuses = true
  const refused = await runToEnd(['renew', '--config', second.config])
  assert.match(refused.err, new RegExp(`through the proxy 127\\.0\\.0\\.1:${proxy.port}`))
  assert.equal((await runToEnd(['renew', '--config', first.config], { ...environment, NO_PROXY: '127.0.0.1' })).code, 0)
  proxy.close()
  await backend.hangUp()
})

test('a hang-up asks for another look at the files: the log goes on in a new one, and an edit counts', async () => {
  const logFile = join(scratchFolder(), 'agent.log')
  const { config } = place({ logFile, logLevel: 'debug' })
  const agent = launch(['run', '--config', config])
  const linesOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')
  const until = async (path: string, pattern: RegExp): Promise<void> => {
    while (!pattern.test(linesOf(path))) {
      assert.equal(agent.exitCode, null)
      await wait(20)
    }
  }
  await until(logFile, /agent ready/)
  renameSync(logFile, `${logFile}.old`)
  agent.kill('SIGHUP')
  await until(logFile, /configuration is read again/)
  writeFileSync(config, readFileSync(config, 'utf8').replace('"debug"', '"info"'))
  agent.kill('SIGHUP')
  await until(logFile, /beginning anew[^]*agent ready/)
  agent.kill('SIGTERM')
  assert.deepEqual(await once(agent, 'close'), [0, null])
  assert.match(linesOf(logFile), /agent stopped/)
})

const rounds = 4

test('kill -9 at any moment loses nothing and doubles nothing', async () => {
  const backend = await startBackend()
  const { config, lock } = place({ server: backend.url, serverCA: backend.caFile, enrollmentToken: 'met_x' })
  const packages = (round: number) =>
    Object.fromEntries(
      Array.from({ length: 1500 }, (_, at) => [`p${at}`, at % rounds === round % rounds ? `2.${round}.0` : '1.0.0']),
    )
  for (let round = 0; round < rounds; round++) {
    lock(packages(round))
    const child = launch(['run', '--config', config])
    await untilSaid(child, textOf(child), /agent starts/)
    await wait(Math.random() * 900)
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  const last = launch(['run', '--config', config])
  const wanted = Object.entries(packages(rounds - 1))
    .map(([name, version]) => `${name}@${version}`)
    .toSorted()
  await backend.until(() => backend.inventory().join() === wanted.join() && backend.heard.checkIns.length > 0)
  last.kill('SIGTERM')
  await once(last, 'close')
  const sequences = [...backend.heard.events.values(), ...backend.heard.findings.values()]
    .map(({ localSequence }) => localSequence)
    .toSorted((a, b) => a - b)
  assert.deepEqual(
    sequences,
    Array.from({ length: sequences.length }, (_, at) => at + 1),
  )
  await backend.hangUp()
})

test('an edited configuration takes effect while it runs, a broken one does not, and the last good one starts it', async () => {
  const { config, projects } = place()
  const child = launch(['run', '--config', config])
  const said = textOf(child)
  await untilSaid(child, said, /surface scanned/)
  const good = readFileSync(config, 'utf8')
  writeFileSync(config, `${good}nonsense`)
  await untilSaid(child, said, /the last good one stays in force/)
  writeFileSync(config, good.replace(JSON.stringify(projects), JSON.stringify(scratchFolder())))
  await untilSaid(child, said, /beginning anew/)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'close'), [0, null])
  writeFileSync(config, `${good}nonsense`)
  const again = launch(['run', '--config', config])
  const saidAgain = textOf(again)
  await untilSaid(again, saidAgain, /the last good one stays in force[^]*agent ready/)
  const status = JSON.parse((await runToEnd(['status', '--json', '--config', config])).out)
  assert.match(status.configurationFault, /agent\.yaml:\d+:\d+/)
  again.kill('SIGTERM')
  assert.deepEqual(await once(again, 'close'), [0, null])
  assert.equal((await runToEnd(['scan', '--config', config])).code, 2)
})

test('explain says what is read, what was sent and what would be, and doctor what is wrong', async () => {
  const { config, projects, dataDir } = place()
  const child = launch(['run', '--config', config])
  await untilSaid(child, textOf(child), /surface scanned/)
  child.kill('SIGTERM')
  await once(child, 'close')
  const explained = JSON.parse((await runToEnd(['explain', '--json', '--config', config])).out)
  assert.deepEqual(
    explained.reads.map(({ surface, places }: { surface: string; places: { path: string }[] }) => [
      surface,
      places.map(({ path }) => path),
    ]),
    [['javascriptPackages', [projects]]],
  )
  assert.deepEqual([explained.shares, explained.policy.rules], [[], 64])
  const { out: told } = await runToEnd(['explain', '--config', config])
  assert.match(told, /of the machine itself: its name, system[\s\S]*never read: values of env, headers/)
  // It talks to nobody, until it is told to whom.
  assert.doesNotMatch(told, /at enrolment/)
  const alone = readFileSync(config, 'utf8')
  writeFileSync(config, JSON.stringify({ ...JSON.parse(alone), server: 'https://127.0.0.1:9' }))
  const { out: toldWithServer } = await runToEnd(['explain', '--config', config])
  assert.match(toldWithServer, /SENT to https:.*\n {2}at enrolment: a public key/)
  writeFileSync(config, alone)
  const well = await runToEnd(['doctor', '--config', config])
  assert.deepEqual([well.code, /ok {2}database {7}whole/.test(well.out)], [0, true])
  writeFileSync(join(dataDir, 'observe.db'), 'not a database at all, and long enough to be looked at')
  const ill = await runToEnd(['doctor', '--config', config])
  assert.equal(ill.code, 1)
  assert.match(ill.out, /!! {2}database/)
})
