// A machine that joins a test server over its gateway, with a key of its own and no more to say.
// Sensors that speak are tests/wire.
import { generateKeyPairSync } from 'node:crypto'
import { createEnrollmentToken, enroll } from '@muster/contract'
import { call, createClient } from '@muster/http'
import { type TestServer, value } from './server.ts'

/** Enrols with a token made for it; answers the id of the device, which the server knows at once. */
export const enrollTestDevice = async (server: TestServer, hostname = 'box'): Promise<string> => {
  const { token } = await value(call(server.owner, createEnrollmentToken, { body: { label: 'one machine' } }))
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ca = server.rooms.identity.authority.trustedPems()
  const gateway = createClient({ baseUrl: `https://localhost:${server.gateway?.port}`, ca: ca.join('') })
  const body = {
    token,
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    hostname,
    osVersion: '1',
    hardwareModel: 'm',
    sensorVersion: 'test/1',
  }
  const { deviceId } = await value(call(gateway, enroll, { body }))
  await server.rooms.identity.directory.refresh()
  return deviceId
}
