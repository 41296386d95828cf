// Proof of what the program says, seen from outside: help, versions, one line for every mistake, and exit codes.
// What a running server answers is tested in its parts.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { suite, test } from 'node:test'
import { createTestPlace } from '@muster/storage/testing'
import { runProgram, scratchDir, serveProgram } from './testing/program.ts'

const oneLine = (said: string): string => {
  const lines = said.trimEnd().split('\n')
  assert.equal(lines.length, 1, said)
  assert.match(lines[0] ?? '', /^muster-server: /)
  return lines[0] ?? ''
}

// Each test waits for processes, so several may wait at the same time.
suite('the program', { concurrency: 4 }, () => {
  test('the help names every command and setting, on stdout', async () => {
    const { code, out, said } = await runProgram(['--help'])
    assert.equal(code, 0)
    assert.equal(said, '')
    for (const word of [
      'serve',
      'migrate',
      'doctor',
      'backup FOLDER',
      'restore FOLDER',
      'config check',
      '--data-dir DIR',
      '--gateway HOST:PORT',
      '--metrics-auth',
      'MUSTER_SENSOR_TOKEN',
    ])
      assert.ok(out.includes(word), word)
  })

  test('the version is the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
      version: string
    }
    assert.equal((await runProgram(['--version'])).out, `${version}\n`)
  })

  const usage: readonly { argv: string[]; env?: Record<string, string>; says: RegExp }[] = [
    { argv: ['sreve'], says: /unknown command "sreve"; did you mean serve\?/ },
    { argv: ['backup'], says: /is written: muster-server backup FOLDER/ },
    { argv: ['--gatway', 'x'], says: /unknown flag --gatway; did you mean --gateway\?/ },
    { argv: ['--nats-listen', '127.0.0.1:4222'], says: /unknown flag --nats-listen/ },
    { argv: ['--nats', 'embedded'], says: /the broker comes with the orchestrate plane/ },
    { argv: ['--api', 'nonsense'], says: /--api: "nonsense" is not HOST:PORT/ },
    { argv: ['--db', 'postgres:nonsense'], says: /--db: is neither "sqlite" nor an address/ },
    { argv: ['--device-auth', 'token'], says: /needs the shared secret in MUSTER_SENSOR_TOKEN/ },
    {
      argv: ['--api', '0.0.0.0:0'],
      env: { MUSTER_AUTH_DISABLE: '1' },
      says: /MUSTER_AUTH_DISABLE: works only while --api/,
    },
    { argv: ['--config', '/no/such/file.yaml'], says: /cannot be read: there is no such file/ },
  ]

  for (const { argv, env = {}, says } of usage)
    test(`${argv.join(' ')} ends with 2 and one line`, async () => {
      const { code, out, said } = await runProgram(argv, env)
      assert.equal(code, 2)
      assert.equal(out, '')
      assert.match(oneLine(said), says)
    })

  const failing = async (argv: readonly string[], says: RegExp): Promise<void> => {
    const { code, said } = await runProgram([
      '--log-level',
      'silent',
      '--gateway',
      '127.0.0.1:0',
      '--api',
      '127.0.0.1:0',
      ...argv,
    ])
    assert.match(oneLine(said), says)
    assert.equal(code, 1)
  }

  test('a port in use is named', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    try {
      const { port } = taken.address() as { port: number }
      const says = new RegExp(`--api 127\\.0\\.0\\.1:${port}: the port is in use`)
      await failing(['--data-dir', scratchDir(), '--api', `127.0.0.1:${port}`], says)
      await failing(['--data-dir', scratchDir(), '--gateway', `127.0.0.1:${port}`], /--gateway .*: the port is in use/)
    } finally {
      taken.close()
    }
  })

  test('a data folder that is a file, or holds other things, is refused', async () => {
    const dir = scratchDir()
    writeFileSync(join(dir, 'notes.txt'), 'mine')
    await failing(['--data-dir', join(dir, 'notes.txt')], /data folder .*notes\.txt: it.* is a file/)
    await failing(['--data-dir', dir], /holds things that muster-server did not make/)
  })

  const prepared = (dir: string): string => {
    writeFileSync(join(dir, 'muster-data.json'), '{"program":"muster-server","layout":1}')
    return join(dir, 'muster.db')
  }

  test('a database of another program is refused', async () => {
    const dir = scratchDir()
    const db = new DatabaseSync(prepared(dir))
    db.exec('create table theirs (x)')
    db.close()
    await failing(['--data-dir', dir], /database .*muster\.db: .*not made by muster-server/)
  })

  test('a file that is no database is refused', async () => {
    const dir = scratchDir()
    writeFileSync(prepared(dir), 'this is a long text and no database at all')
    await failing(['--data-dir', dir], /database .*not made by muster-server/)
  })

  test('a database of a newer program is refused', async () => {
    const dir = scratchDir()
    assert.equal((await runProgram(['migrate', '--data-dir', dir])).code, 0)
    const db = new DatabaseSync(join(dir, 'muster.db'))
    db.exec("insert into storage_migration values ('server', '999_tomorrow', 1)")
    db.close()
    await failing(['--data-dir', dir], /written by a newer muster-server; upgrade this program/)
  })

  test('a PostgreSQL that is not there is named without its password', async () => {
    const db = 'postgres://ann:hunter2@127.0.0.1:1/muster'
    const { code, said } = await runProgram(['--data-dir', scratchDir(), '--db', db])
    assert.match(oneLine(said), /database postgres:\/\/127\.0\.0\.1:1\/muster: nothing listens there/)
    assert.ok(!said.includes('hunter2'))
    assert.equal(code, 1)
  })

  test('a supplied certificate that is none is refused', async () => {
    const file = join(scratchDir(), 'x.pem')
    writeFileSync(file, 'not a certificate')
    await failing(
      ['--data-dir', scratchDir(), '--gateway-cert', file, '--gateway-key', file],
      /--gateway-cert .*cannot be used/,
    )
  })

  test('a program that cannot sign is named', async () => {
    const file = join(scratchDir(), 'ca.pem')
    writeFileSync(file, 'no certificate')
    const words = ['--data-dir', scratchDir(), '--ca-signer', '/bin/false', '--ca-certificate', file]
    await failing(words, /the authority's certificate cannot be read: /)
    await failing([...words.slice(0, -1), join(scratchDir(), 'none')], /--ca-certificate .*none: cannot be read/)
  })

  test('a sealed key without its passphrase is named', async () => {
    const dir = join(scratchDir(), 'data')
    const sealed = await serveProgram(dir, [], { MUSTER_CA_PASSPHRASE: 'a long passphrase' })
    assert.equal(await sealed.stop(), 0)
    await failing(['--data-dir', dir], /\.key\.pem is sealed: set MUSTER_CA_PASSPHRASE/)
  })

  test('two servers never share a data folder, and the first one stops in good order', async () => {
    const dir = join(scratchDir(), 'data')
    const first = await serveProgram(dir)
    await failing(['--data-dir', dir], /another muster-server is using it/)
    const { code, out } = await runProgram(['doctor', '--data-dir', dir])
    assert.match(out, /server +runs/)
    assert.match(out, /fleet CA +good for/)
    assert.equal(code, 0)
    assert.equal(await first.stop(), 0)
    assert.ok(first.lines.every((line) => JSON.parse(line).time !== undefined))
    assert.match(first.lines.at(-1) ?? '', /server stopped/)
  })

  test('a second signal ends the server at once', async () => {
    const { child } = await serveProgram(join(scratchDir(), 'data'))
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    child.kill('SIGINT')
    child.kill('SIGINT')
    assert.ok([0, 130].includes((await ended) ?? -1))
  })

  test('the doctor finds what is wrong before the first start, and says what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    try {
      const { port } = taken.address() as { port: number }
      const dir = join(scratchDir(), 'data')
      mkdirSync(dir, { mode: 0o755 })
      const { code, out } = await runProgram([
        'doctor',
        '--data-dir',
        dir,
        '--api',
        `127.0.0.1:${port}`,
        '--gateway',
        '127.0.0.1:0',
      ])
      assert.equal(code, 1)
      assert.match(out, /FAIL +API port +127\.0\.0\.1:\d+ is in use; stop what uses it/)
      assert.match(out, /ok +node +26/)
    } finally {
      taken.close()
    }
  })

  if (process.env['MUSTER_TEST_ENGINES'] !== 'sqlite')
    test('the doctor says of PostgreSQL what keeps the tenants apart, and whether it lets us in', async () => {
      const place = await createTestPlace('postgres')
      const dir = join(scratchDir(), 'data')
      const doctor = (db: string) =>
        runProgram(['doctor', '--data-dir', dir, '--db', db, '--api', '127.0.0.1:0', '--gateway', '127.0.0.1:0'])
      assert.match(
        (await doctor(place.url)).out,
        /^ok +tenants +(?:kept apart by|the next start makes) the role \w+_tenant$/m,
      )
      const nowhere = Object.assign(new URL(place.url), { pathname: '/muster_nowhere' }).href
      const { code, out } = await doctor(nowhere)
      assert.equal(code, 1)
      assert.match(out, /^FAIL +tenants +postgres:\/\/\S+ lets nobody in \(3D000\); correct --db$/m)
      await place.remove()
    })

  test('config check prints what the settings come to, without secrets', async () => {
    const db = 'postgres://ann:hunter2@db.example:5432/muster'
    const { code, out } = await runProgram(['config', 'check', '--json', '--db', db, '--data-dir', '/srv/muster'])
    assert.equal(code, 0)
    const { settings } = JSON.parse(out) as { settings: Record<string, unknown> }
    assert.equal(settings['dataDir'], '/srv/muster')
    assert.equal(settings['db'], 'postgres://db.example:5432/muster')
    assert.equal(settings['gateway'], '0.0.0.0:8443')
  })

  test('the authority is rotated and the former retired beside a running server, which notices', async () => {
    const dir = join(scratchDir(), 'data')
    const { running, stop } = await serveProgram(dir)
    const trusted = async (): Promise<number> => {
      const reply = await fetch(`${running.api.url}/ca.pem`)
      return (await reply.text()).split('BEGIN CERTIFICATE').length - 1
    }
    const becomes = async (count: number): Promise<void> => {
      while ((await trusted()) !== count) await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal(await trusted(), 1)
    const [former] = JSON.parse((await runProgram(['authority', 'list', '--json', '--data-dir', dir])).out) as {
      id: string
    }[]
    const early = await runProgram(['authority', 'retire', former?.id ?? '', '--data-dir', dir])
    assert.match(early.said, /cannot be retired: The current authority is retired by rotating first/)
    assert.equal(early.code, 1)
    const rotated = await runProgram(['authority', 'rotate', '--data-dir', dir, '--log-level', 'silent'])
    assert.equal(rotated.code, 0, rotated.said)
    assert.match(rotated.out, /^ca_\w+\n$/)
    await becomes(2)
    assert.equal((await runProgram(['authority', 'retire', former?.id ?? '', '--data-dir', dir])).code, 0)
    await becomes(1)
    assert.equal(await stop(), 0)
  })
})
