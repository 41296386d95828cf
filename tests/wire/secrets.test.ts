// Every secret of a whole scenario, sought in everything that is written down, exported, measured or replied: it is in
// the one reply that hands it out, and nowhere else. Servers are real processes that log at level debug.
import assert from 'node:assert/strict'
import { createHmac, createPrivateKey, randomBytes } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fleetRoutes, type Route } from '@muster/contract'
import { createTestPlace } from '@muster/storage/testing'
import postgres from 'postgres'
import { type ServerProcess, startServerProcess } from '../flow/server-process.ts'
import { until } from './ground.ts'
import { createSensor, newKeyPair, type Sensor } from './sensor-client.ts'
import { findingEvent, findingOn, itemEvent, npmItem } from './sensor-events.ts'

const base64url = (bytes: string | Uint8Array): string => Buffer.from(bytes as Uint8Array).toString('base64url')

/** A signed HS256 token as an operator of another system would carry it. */
const jwtOf = (claims: object, secret: string): string => {
  const text = `${base64url(JSON.stringify({ alg: 'HS256', typ: 'JWT' }))}.${base64url(JSON.stringify(claims))}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

/** What shows a private key in any spelling: the body of its PEM, and its number in hex and base64. */
const spellingsOf = (pem: string, passphrase?: string): readonly string[] => {
  const key = createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) })
  const { d = '' } = key.export({ format: 'jwk' })
  const number = Buffer.from(d, 'base64url')
  const plain = key.export({ type: 'pkcs8', format: 'pem' }).split('\n').slice(1, -2)
  return [...plain, d, number.toString('base64'), number.toString('hex')].filter((text) => text.length > 40)
}

interface Reply {
  readonly what: string
  readonly status: number
  readonly text: string
}

/** Asks as an operator and keeps every reply, head and body. */
const createAsker = (server: ServerProcess, credential: string) => {
  const replies: Reply[] = []
  const ask = async (
    method: string,
    path: string,
    said?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> => {
    const reply = await fetch(`${server.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json', ...headers },
      body: said === undefined ? null : typeof said === 'string' ? said : JSON.stringify(said),
    })
    const text = `${JSON.stringify([...reply.headers])}\n${await reply.text()}`
    const kept = { what: `${method} ${path}`, status: reply.status, text }
    replies.push(kept)
    return kept
  }
  const json = async (method: string, path: string, said?: unknown, headers?: Record<string, string>) => {
    const { status, text } = await ask(method, path, said, headers)
    assert.ok(status < 300, `${method} ${path}: ${text}`)
    return JSON.parse(text.slice(text.indexOf('\n') + 1))
  }
  return { ask, json, replies }
}

const fleet = '/api/fleet/v1'

/** Every GET route there is, asked about things that exist. */
const readAll = async ({ ask, json }: ReturnType<typeof createAsker>): Promise<void> => {
  const first = async (path: string): Promise<Record<string, string>> =>
    (await json('GET', `${fleet}/${path}`)).items[0] ?? {}
  const ids: Record<string, string | undefined> = {
    devices: (await first('devices'))['id'],
    groups: (await first('groups'))['id'],
    policies: (await first('policies'))['id'],
    findings: (await first('findings'))['id'],
    generations: (await first('generations'))['generation'],
    'enrollment-tokens': (await first('enrollment-tokens'))['id'],
    revisions: (await first('policies'))['latestRevisionId'],
    'legal-holds': (await first('legal-holds'))['id'],
  }
  for (const { method, path } of Object.values(fleetRoutes as Record<string, Route>)) {
    if (method !== 'GET') continue
    const noun = path.slice(fleet.length + 1).split('/')[0] ?? ''
    const { status } = await ask('GET', path.replace(/\{\w+\}/, ids[noun] ?? 'none'))
    assert.equal(status, 200, path)
  }
  for (const page of ['/', '/health', '/healthz', '/readyz', '/ca.pem', '/openapi.json', '/metrics'])
    assert.equal((await ask('GET', page)).status, 200, page)
}

const policyYaml = 'apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: all }\nagent: {}\n'

/** What operators do, and what they and strangers do wrong with secrets in their hands. */
const operate = async (asker: ReturnType<typeof createAsker>, secrets: Secrets): Promise<string> => {
  const { ask, json } = asker
  const key = { 'idempotency-key': secrets.add('an idempotency key', base64url(randomBytes(24))) }
  const label = { label: 'first', maxUses: 5 }
  const { token, id } = await json('POST', `${fleet}/enrollment-tokens`, label, key)
  secrets.add('an enrolment token', token, 2)
  await json('POST', `${fleet}/enrollment-tokens`, label, key)
  await json('POST', `${fleet}/groups`, { name: 'all' })
  await json('POST', `${fleet}/legal-holds`, { reason: 'an inquiry' })
  const { policy, revision } = await json('POST', `${fleet}/policies`, { yaml: policyYaml })
  await json('POST', `${fleet}/revisions/${revision.id}:publish`, {}, { 'if-match': `"${policy.version}"` })
  const viewer = await json('POST', `${fleet}/operator-tokens`, { name: 'viewer', role: 'viewer' })
  secrets.add("a viewer's token", viewer.token, 1)
  const carelessly = [token, viewer.token]
  for (const secret of carelessly) {
    await ask('GET', `${fleet}/devices/${secret}`)
    await ask('GET', `${fleet}/devices?name=${secret}`)
    await ask('GET', `/${secret}`)
    await ask('POST', `${fleet}/groups`, `{"name":"x","${secret}"`)
    await ask('POST', `${fleet}/groups`, { name: 7, description: secret })
    await ask('GET', `${fleet}/me`, undefined, { authorization: `Basic ${secret}` })
    await ask('GET', `${fleet}/me`, undefined, { authorization: `Bearer ${secret}x` })
  }
  await ask('DELETE', `${fleet}/groups/grp_none`, undefined, { authorization: `Bearer ${viewer.token}` })
  const spent = await json('POST', `${fleet}/enrollment-tokens`, { label: 'revoked' })
  secrets.add('a revoked enrolment token', spent.token, 1)
  await json('POST', `${fleet}/enrollment-tokens/${spent.id}:revoke`)
  await json('POST', `${fleet}/operator-tokens/${viewer.id}:revoke`)
  await ask('GET', `${fleet}/me`, undefined, { authorization: `Bearer ${viewer.token}` })
  assert.match(id, /^ent_/)
  return token
}

/** What sensors say, right and wrong. */
const sense = async (sensor: Sensor, secrets: Secrets, token: string): Promise<readonly string[]> => {
  const heard: string[] = []
  const { enrolled, configured } = await sensor.launch()
  assert.ok(enrolled?.status === 200 && configured?.status === 200, enrolled?.text ?? '')
  heard.push(enrolled.text, configured.text)
  const item = npmItem('left-pad', '1.0.0')
  sensor.queue(itemEvent(item))
  sensor.queue(findingEvent(findingOn(item)))
  heard.push((await sensor.tick()).text, (await sensor.tick()).text)
  for (const body of [`{"token":"${token}"`, { token }, { token: `${token}x`, publicKey: 'x' }, { token: [token] }])
    heard.push((await sensor.say('enroll', body)).text)
  for (const revoked of secrets.named('revoked')) {
    const host = { hostname: 'h', osVersion: 'o', hardwareModel: 'm', sensorVersion: 's' }
    const publicKey = sensor.keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    heard.push((await sensor.say('enroll', { token: revoked, publicKey, ...host })).text)
  }
  heard.push((await sensor.say('sync', '{')).text)
  return heard
}

/** Secrets by name, with how many replies may hold each. */
const createSecrets = () => {
  const held: { readonly name: string; readonly text: string; readonly replies: number }[] = []
  return {
    held,
    add(name: string, text: string, replies = 0): string {
      assert.ok(text.length >= 16, name)
      held.push({ name, text, replies })
      return text
    },
    named: (part: string): readonly string[] => held.filter(({ name }) => name.includes(part)).map(({ text }) => text),
  }
}
type Secrets = ReturnType<typeof createSecrets>

/** Files the server wrote that are not meant to hold secrets, as text that is one character a byte. */
const writtenBy = ({ dataDir }: ServerProcess): readonly (readonly [string, string])[] =>
  globSync('**/*', { cwd: dataDir, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\.key\.pem$|gateway\.json$|admin-token$/.test(path))
    .map((path) => [path, readFileSync(path, 'latin1')] as const)

/** Every cell of every table of a PostgreSQL database, as text that is one character a byte. */
const storedIn = async (url: string): Promise<string> => {
  const db = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const schema = new URL(url).searchParams.get('search_path') ?? ''
    const tables = await db`select tablename from pg_tables where schemaname = ${schema}`
    const rows: object[] = []
    for (const { tablename } of tables) rows.push(...(await db`select * from ${db(tablename)}`))
    const cells: unknown[] = rows.flatMap((row) => Object.values(row))
    return cells
      .map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell).toString('latin1') : String(cell)))
      .join('\n')
  } finally {
    await db.end()
  }
}

const passphrase = base64url(randomBytes(24))
const sensorToken = base64url(randomBytes(24))
const staticToken = base64url(randomBytes(24))
const jwtSecret = base64url(randomBytes(32))
const databasePassword = base64url(randomBytes(24))

interface Way {
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly credential?: string
}

const ways: Readonly<Record<string, Way>> = {
  'named operator tokens and device certificates': {
    flags: [],
    env: { MUSTER_CA_PASSPHRASE: passphrase, MUSTER_SENSOR_TOKEN: sensorToken },
  },
  'a JWT secret and the shared sensor token': {
    flags: ['--device-auth', 'token'],
    env: { MUSTER_JWT_SECRET: jwtSecret, MUSTER_SENSOR_TOKEN: sensorToken },
    credential: jwtOf(
      { sub: 'ann', aud: 'muster', roles: ['owner'], exp: Math.floor(Date.now() / 1000) + 3600 },
      jwtSecret,
    ),
  },
  'a static operator token and PostgreSQL': {
    flags: [],
    env: { MUSTER_AUTH_STATIC_TOKEN: staticToken },
    credential: staticToken,
  },
}

for (const [name, way] of Object.entries(ways))
  suite(`with ${name}`, () => {
    const secrets = createSecrets()
    let server: ServerProcess
    let replies: readonly Reply[] = []
    let heard: readonly string[] = []
    let rows: string | null = null
    let asides: readonly (readonly [string, string])[] = []
    let cleanUp: () => Promise<void> = async () => {}

    before(async () => {
      const place = name.includes('PostgreSQL') ? await createTestPlace('postgres') : null
      const url = place === null ? null : new URL(place.url)
      if (url !== null && url.password === '') url.password = databasePassword // a server that trusts does not look
      const db = url === null ? [] : ['--db', url.href]
      server = await startServerProcess({ flags: [...way.flags, ...db, '--log-level', 'debug'], env: way.env })
      cleanUp = async () => {
        await server.stop()
        await place?.remove()
      }
      for (const [variable, secret] of Object.entries(way.env)) secrets.add(variable, secret)
      if (url !== null) secrets.add('the password of the database', url.password)
      const credential = way.credential ?? server.ownerToken
      secrets.add("the owner's credential", credential)
      for (const file of globSync('ca/*.key.pem', { cwd: server.dataDir })) {
        const pem = readFileSync(join(server.dataDir, file), 'utf8')
        for (const text of spellingsOf(pem, way.env['MUSTER_CA_PASSPHRASE'])) secrets.add('the key of the CA', text)
      }
      const gateway = JSON.parse(readFileSync(join(server.dataDir, 'ca', 'gateway.json'), 'utf8'))
      for (const text of spellingsOf(gateway.keyPem)) secrets.add("the gateway's key", text)

      const asker = createAsker(server, credential)
      const token = await operate(asker, secrets)
      const keys = newKeyPair()
      for (const text of spellingsOf(keys.privateKey.export({ type: 'pkcs8', format: 'pem' })))
        secrets.add("a device's key", text)
      const ca = await (await fetch(`${server.apiUrl}/ca.pem`)).text()
      const sensor = createSensor({ endpoint: server.gatewayUrl, ca, enrollmentToken: token, sensorToken, keys })
      heard = await sense(sensor, secrets, token)
      // Refusals are written into the audit history a moment later.
      await until(
        async () => (await asker.json('GET', `${fleet}/audit?outcome=refused`)).items.length as number,
        (count) => count > 0,
      )
      await readAll(asker)
      sensor.close()
      const doctor = await server.command('doctor', '--json')
      const config = await server.command('config', 'check', '--json')
      asides = [
        ['doctor', doctor.out + doctor.err],
        ['config check', config.out + config.err],
      ]
      await server.end()
      rows = url === null ? null : await storedIn(url.href)
      replies = asker.replies
    })
    after(() => cleanUp())

    const assertAbsent = (where: string, text: string): void => {
      for (const secret of secrets.held) assert.ok(!text.includes(secret.text), `${secret.name} is in ${where}`)
    }

    test('the search would find what it seeks', () => {
      assert.ok(secrets.held.length >= 10)
      assert.throws(() => assertAbsent('here', `before ${secrets.held[0]?.text} after`), /is in here/)
    })

    test('no secret is in the log, which says much at level debug', () => {
      assert.ok(server.log().split('\n').length > 3)
      assertAbsent('the log', server.log())
    })

    test('no secret is in the database, or in any other file but those that keep keys', () => {
      const files = writtenBy(server)
      assert.ok(files.length >= 2)
      for (const [path, text] of files) assertAbsent(path, text)
      if (rows === null) return
      assert.match(rows, /device\.enrolled/)
      assertAbsent('the rows of the database', rows)
    })

    test('no secret is in what doctor and config check print', () => {
      for (const [what, text] of asides) {
        assert.ok(text.length > 100, what)
        assertAbsent(what, text)
      }
    })

    test('no secret is in a reply to a sensor', () => {
      assert.ok(heard.length > 8)
      for (const text of heard) assertAbsent('a reply to a sensor', text)
    })

    test('a secret that is handed out is in the reply that does so, and in no other', () => {
      assert.ok(replies.length > 50)
      for (const secret of secrets.held) {
        const holding = replies.filter(({ text }) => text.includes(secret.text)).map(({ what }) => what)
        assert.equal(holding.length, secret.replies, `${secret.name} is in ${holding.join(', ')}`)
        assert.ok(holding.every((what) => what.startsWith('POST ') && what.endsWith('-tokens')))
      }
    })
  })
