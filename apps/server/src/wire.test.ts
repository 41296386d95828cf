// Proof of what a whole server does with its settings: roles, certificates, token mode, draining, starting again.
// What the program says when it cannot start is tested in main.test.ts.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { checkIn, me, readStatus } from '@muster/contract'
import { call, createClient } from '@muster/http'
import { makeAuthority, makeServerLeaf } from '@muster/http/testing'
import { Secret } from '@muster/kernel'
import { startTestServer, type TestServer, value } from './testing/server.ts'

const scratch = mkdtempSync(join(tmpdir(), 'muster-wire-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const shownBy = async (port: number): Promise<X509Certificate> => {
  const socket: TLSSocket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const certificate = socket.getPeerX509Certificate()
  socket.destroy()
  assert.ok(certificate !== undefined)
  return certificate
}

const suppliedPair = async (): Promise<{ cert: string; key: string; ca: string }> => {
  const authority = await makeAuthority('supplied')
  const leaf = await makeServerLeaf(authority)
  const [cert, key] = [join(scratch, 'cert.pem'), join(scratch, 'key.pem')]
  writeFileSync(cert, leaf.certPem)
  writeFileSync(key, leaf.keyPem)
  return { cert, key, ca: authority.certPem }
}

const closing = async (server: TestServer, work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } finally {
    await server.close()
  }
}

test('the gateway shows a certificate of the fleet CA for the names it was given', async () => {
  const server = await startTestServer({ argv: ['--gateway-names', 'localhost,127.0.0.1,fleet.example'] })
  await closing(server, async () => {
    const shown = await shownBy(server.gateway?.port ?? 0)
    const [ca = ''] = server.rooms.identity.authority.trustedPems()
    assert.ok(shown.verify(new X509Certificate(ca).publicKey))
    assert.ok(shown.checkHost('fleet.example'))
    assert.ok(shown.checkIP('127.0.0.1'))
  })
})

test('supplied certificates are shown, by the gateway and by the API', async () => {
  const { cert, key, ca } = await suppliedPair()
  const argv = ['--gateway-cert', cert, '--gateway-key', key, '--api-cert', cert, '--api-key', key]
  const server = await startTestServer({ argv })
  await closing(server, async () => {
    const issuer = new X509Certificate(ca).publicKey
    assert.ok((await shownBy(server.gateway?.port ?? 0)).verify(issuer))
    assert.match(server.api.url, /^https:/)
    const token = new Secret(await server.tokenOf('viewer'))
    const client = createClient({ baseUrl: `https://localhost:${server.api.port}`, ca, token })
    assert.equal((await value(call(client, me, {}))).role, 'viewer')
  })
})

test('without the control role no operator route is served, but health and metrics are', async () => {
  const server = await startTestServer({ argv: ['--roles', 'gateway'] })
  await closing(server, async () => {
    assert.ok(server.gateway !== null)
    const answer = await call(server.owner, me, {})
    assert.equal(!answer.ok && answer.refusal.status, 404)
    assert.equal((await fetch(`${server.api.url}/readyz`)).status, 200)
    assert.equal((await fetch(`${server.api.url}/metrics`)).status, 200)
  })
})

test('without the gateway role no device listener is opened', async () => {
  const server = await startTestServer({ argv: ['--roles', 'control'] })
  await closing(server, async () => {
    assert.equal(server.gateway, null)
    assert.equal((await value(call(server.owner, me, {}))).role, 'owner')
  })
})

test('token mode may serve plain HTTP, and opens to the shared secret only', async () => {
  const argv = ['--device-auth', 'token', '--gateway-tls', 'off']
  const server = await startTestServer({ argv, env: { MUSTER_SENSOR_TOKEN: 'a shared secret' } })
  await closing(server, async () => {
    const health = { syncBacklogEvents: 0, syncBacklogBytes: 0 }
    const said = { deviceId: 'dev_none', sensorVersion: '1', osVersion: '1', activeConfigGeneration: '', health }
    const ask = async (headers: Record<string, string>) =>
      (
        await fetch(`http://127.0.0.1:${server.gateway?.port}${checkIn.path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(said),
        })
      ).status
    assert.equal(await ask({}), 401)
    assert.equal(await ask({ 'x-koban-sensor-token': 'wrong' }), 401)
    assert.equal(await ask({ 'x-koban-sensor-token': 'a shared secret' }), 403)
  })
})

test('a static token is an owner, and no first token is written', async () => {
  const server = await startTestServer({ env: { MUSTER_AUTH_STATIC_TOKEN: 'sixteen-characters' }, hasOwner: false })
  await closing(server, async () => {
    const client = server.client('sixteen-characters')
    assert.equal((await value(call(client, me, {}))).role, 'owner')
    assert.equal((await call(server.client('wrong'), me, {})).ok, false)
  })
})

test('the status tells of the server, its authority and its disk', async () => {
  const server = await startTestServer()
  await closing(server, async () => {
    const status = await value(call(server.owner, readStatus, {}))
    assert.equal(status.database.engine, 'sqlite')
    assert.ok((status.database.bytes ?? 0) > 0)
    assert.ok((status.diskFreeBytes ?? 0) > 0)
    assert.equal(status.authority.current, server.rooms.identity.authority.current().id)
    assert.equal(status.devices.total, 0)
  })
})

test('a request under way is answered before the server is closed, and none is taken after', async () => {
  const server = await startTestServer()
  const { port } = server.api
  const token = await server.tokenOf('admin')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const asked = request({ port, host: '127.0.0.1', method: 'POST', path: '/api/fleet/v1/groups', headers })
  // The head and half of the body: the server has the request and waits for the rest.
  asked.write('{"name":')
  const replied = once(asked, 'response') as Promise<[{ statusCode: number; resume(): void }]>
  const metric = 'muster_http_request_seconds_count{listener="api",route="/health"'
  while (!(await (await fetch(`${server.api.url}/metrics`)).text()).includes(metric))
    await fetch(`${server.api.url}/health`)
  const closed = server.close()
  asked.end('"late"}')
  const [reply] = await replied
  reply.resume()
  assert.equal(reply.statusCode, 201)
  await closed
  await assert.rejects(fetch(`http://127.0.0.1:${port}/health`))
})
