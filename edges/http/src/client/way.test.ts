// The way to a server: through proxies that open it, and past authorities that vouch for it.
// Everything else of the calling half is client.test.ts.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, createServer as createRawServer } from 'node:net'
import { after, before, suite, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { inspect } from 'node:util'
import { Secret } from '@muster/kernel'
import { makeAuthority, makeLeaf, makeServerLeaf, startProxy, type TestAuthority, type TestLeaf } from '../testing.ts'
import { callText } from './call.ts'
import { type ClientSettings, createClient } from './client.ts'
import { Unreachable } from './unreachable.ts'

let authority: TestAuthority
let device: TestLeaf
let server: Server
let port: number
/** The name in the certificate that each caller showed. */
const heard: string[] = []

before(async () => {
  authority = await makeAuthority()
  const leaf = await makeServerLeaf(authority)
  device = await makeLeaf(authority, { name: 'dev_1', usage: 'client' })
  const tls = { cert: leaf.certPem, key: leaf.keyPem, ca: authority.certPem, requestCert: true }
  server = createServer({ ...tls, rejectUnauthorized: false }, (request, reply) => {
    heard.push(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN))
    reply.end('said')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
after(() => {
  server.closeAllConnections()
  server.close()
})

const asking = async (more: Partial<ClientSettings>, times = 1): Promise<string> => {
  const client = createClient({ baseUrl: `https://127.0.0.1:${port}`, timeoutMs: 30_000, ...more })
  try {
    let said = ''
    for (let at = 0; at < times; at++) said = (await callText(client, { method: 'POST', path: '/', body: '' })).text
    return said
  } catch (fault) {
    assert.ok(fault instanceof Unreachable)
    assert.doesNotMatch(inspect(fault), /secret|ada:/)
    return fault.message
  } finally {
    client.close()
  }
}

const proxied = (url: string, noProxy = '') => ({ ca: authority.certPem, proxy: { url: new Secret(url), noProxy } })

suite('a proxy', () => {
  test('opens one way, is told its password, and sees nothing of the certificate that the server sees', async () => {
    const proxy = await startProxy()
    heard.length = 0
    const identity = { cert: device.certPem, key: new Secret(device.keyPem) }
    const settings = proxied(proxy.url.replace('//', '//ada:s%40cret@'))
    assert.equal(await asking({ ...settings, ...identity, connections: 1 }, 3), 'said')
    const authorization = `Basic ${Buffer.from('ada:s@cret').toString('base64')}`
    assert.deepEqual(proxy.asked, [{ to: `127.0.0.1:${port}`, authorization }])
    assert.deepEqual(heard, ['dev_1', 'dev_1', 'dev_1'])
    proxy.close()
  })
  test('is not asked for hosts that are excepted', async () => {
    const proxy = await startProxy()
    assert.equal(await asking(proxied(proxy.url, 'example.org,127.0.0.1')), 'said')
    assert.deepEqual(proxy.asked, [])
    proxy.close()
  })
  test('that refuses, or is not there, is named, without its password', async () => {
    const proxy = await startProxy()
    proxy.levers.refuses = true
    const secretly = proxied(proxy.url.replace('//', '//ada:secret@'))
    const want = new RegExp(`^https://127\\.0\\.0\\.1:${port} .*through the proxy 127\\.0\\.0\\.1:${proxy.port}, `)
    const refused = await asking(secretly)
    proxy.close()
    const gone = await asking(secretly)
    for (const message of [refused, gone]) {
      assert.match(message, want)
      assert.doesNotMatch(message, /\n/)
    }
  })
  test('that never opens the way is given up on', async () => {
    const silent = createRawServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port: deaf } = silent.address() as AddressInfo
    assert.match(await asking({ ...proxied(`http://127.0.0.1:${deaf}`), timeoutMs: 30 }), /in time.*through the proxy/)
    silent.close()
  })
})

suite('authorities', () => {
  test('of the second list are asked for when the first do not vouch for the server, and only then', async () => {
    const stranger = await makeAuthority()
    let asked = 0
    const otherAuthorities = () => {
      asked += 1
      return [authority.certPem]
    }
    heard.length = 0
    const identity = { cert: device.certPem, key: new Secret(device.keyPem) }
    assert.equal(await asking({ ca: stranger.certPem, otherAuthorities, ...identity }, 2), 'said')
    assert.deepEqual([asked, heard], [1, ['dev_1', 'dev_1']])
    assert.equal(await asking({ otherAuthorities }), 'said')
    assert.equal(await asking({ ca: authority.certPem, otherAuthorities }), 'said')
    assert.equal(asked, 2)
  })
  test('that do not vouch for it, all of them, are told of once', async () => {
    const [one, other] = await Promise.all([makeAuthority(), makeAuthority()])
    assert.match(await asking({ ca: one.certPem, otherAuthorities: () => [other.certPem] }), /unknown authority/)
  })
  test('of the second list count for all who ask at once', async () => {
    const client = createClient({ baseUrl: `https://127.0.0.1:${port}`, otherAuthorities: () => [authority.certPem] })
    const said = await Promise.all(
      Array.from({ length: 5 }, () => callText(client, { method: 'GET', path: '/' }).then(({ text }) => text)),
    )
    assert.deepEqual(said, Array(5).fill('said'))
    client.close()
  })
})
