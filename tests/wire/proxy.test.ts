// Devices behind a proxy that ends TLS (sensor-protocol 3.4): the certificate it hands over counts as one of a handshake
// does, and from nobody else. Every spelling of the header is proved in the http edge.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { revokeDevice } from '@muster/contract'
import { call } from '@muster/http'
import { makeAuthority, makeLeaf, openWire, requestBytes } from '@muster/http/testing'
import { value } from '@muster/server/testing'
import { type Ground, openGround } from './ground.ts'
import { startProxy, type TestProxy } from './proxy.ts'
import { credentialOf, type Sensor } from './sensor-client.ts'
import { itemEvent, npmItem } from './sensor-events.ts'

const bySystem = { actor: { type: 'system', id: 'test' }, requestId: '' } as const
const trusted = '127.0.0.2'
const path = '/api/sensor/v1/check-in'

for (const behind of ['plain HTTP', 'TLS of its own'] as const)
  suite(`a proxy in front of ${behind}`, () => {
    const isPlain = behind === 'plain HTTP'
    let ground: Ground
    let proxy: TestProxy
    let stranger: TestProxy

    before(async () => {
      ground = await openGround({
        argv: ['--gateway-proxies', `${trusted},10.0.0.0/8`, ...(isPlain ? ['--gateway-tls', 'off'] : [])],
      })
      const port = ground.server.gateway?.port ?? 0
      const settings = { to: { port, ...(!isPlain && { ca: ground.ca }) }, deviceCa: ground.ca }
      proxy = await startProxy({ ...settings, from: trusted })
      stranger = await startProxy({ ...settings, from: '127.0.0.1' })
    })
    after(async () => {
      proxy?.close()
      stranger?.close()
      await ground?.close()
    })

    const enrolled = async (): Promise<Sensor> => {
      const { endpoint, ca } = proxy
      return ground.enrolled({ endpoint, ca })
    }
    const bodyOf = (sensor: Sensor): string => {
      const { tenantId, deviceId } = sensor.identity()
      const health = { syncBacklogEvents: 0, syncBacklogBytes: 0 }
      return JSON.stringify({
        tenantId,
        deviceId,
        sensorVersion: 'v',
        osVersion: '1',
        activeConfigGeneration: '',
        health,
      })
    }
    const certificateOf = (sensor: Sensor): string => {
      const pem = credentialOf(sensor.state(), sensor.keys)?.certPem ?? ''
      return encodeURIComponent(pem)
    }
    /** One check-in straight to the gateway, from an address of this machine, with whatever header. */
    const knock = async (sensor: Sensor, header: string | undefined, from = trusted): Promise<string> => {
      const port = ground.server.gateway?.port ?? 0
      const tls = isPlain ? undefined : { ca: ground.ca }
      const wire = await openWire(port, tls, from)
      wire.write(requestBytes('POST', path, bodyOf(sensor), header === undefined ? {} : { 'client-cert': header }))
      const { status, body } = await wire.reply()
      wire.socket.destroy()
      return status === 200 ? 'ok' : JSON.parse(body).error.code
    }

    test('a sensor enrols, checks in and syncs through it', async () => {
      const sensor = await enrolled()
      assert.equal((await sensor.checkIn()).status, 200)
      sensor.queue(itemEvent(npmItem('left-pad', '1.3.0'), 'added', { observedAtMs: Date.now() }))
      assert.equal((await sensor.tick()).status, 200)
      assert.equal(sensor.outbox.backlog(sensor.identity().deviceId).syncBacklogEvents, 0)
    })

    test('without a certificate there is none, and another device is not this one', async () => {
      const [sensor, other] = [await enrolled(), await enrolled()]
      assert.equal(await knock(sensor, ''), 'certificate_missing')
      assert.equal(await knock(sensor, undefined), 'certificate_missing')
      assert.equal(await knock(sensor, certificateOf(sensor)), 'ok')
      assert.equal(await knock(sensor, certificateOf(other)), 'identity_mismatch')
    })

    test('a header from anyone else opens nothing, also beside a good certificate', async () => {
      const sensor = await enrolled()
      assert.equal(await knock(sensor, certificateOf(sensor), '127.0.0.1'), 'certificate_untrusted')
      const { endpoint, ca } = stranger
      const through = ground.sensor({ endpoint, ca, keys: sensor.keys })
      through.adopt(sensor.identity())
      assert.equal((await through.checkIn()).status, 401)
    })

    test('a certificate of nobody we know, or of another authority, opens nothing', async () => {
      const sensor = await enrolled()
      const foreign = await makeLeaf(await makeAuthority('devices'), { name: sensor.identity().deviceId })
      assert.equal(await knock(sensor, `:${Buffer.from(foreign.certDer).toString('base64')}:`), 'certificate_untrusted')
      assert.equal(await knock(sensor, 'garbage'), 'certificate_untrusted')
    })

    test('a revoked device is turned away on the connection it has', async () => {
      const sensor = await enrolled()
      assert.equal((await sensor.checkIn()).status, 200)
      const { deviceId: id } = sensor.identity()
      await value(call(ground.server.owner, revokeDevice, { params: { id }, body: {} }))
      assert.equal((await sensor.checkIn()).status, 403)
    })

    if (!isPlain)
      test('a device that comes straight to the gateway shows its certificate in its own handshake', async () => {
        const sensor = await ground.enrolled()
        assert.equal((await sensor.checkIn()).status, 200)

        test('an authority that is retired takes its certificates along, and a new one is believed', async () => {
          const { authority } = ground.server.rooms.identity
          const sensor = await enrolled()
          const former = authority.current().id
          await authority.rotate(bySystem)
          const later = await enrolled()
          assert.deepEqual([(await sensor.checkIn()).status, (await later.checkIn()).status], [200, 200])
          assert.equal((await authority.retire(bySystem, former)).ok, true)
          assert.deepEqual([(await sensor.checkIn()).status, (await later.checkIn()).status], [401, 200])
        })
      })
  })
