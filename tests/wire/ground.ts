// What tests of the wire stand on: a whole server on free ports, its operator, and sensors that know only what an
// operator would hand them: an address, an authority and a token. What sensors say is sensor-client.ts.
import { after } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type BodyOf, createEnrollmentToken } from '@muster/contract'
import { call, callText } from '@muster/http'
import { startTestServer, type TestServer, type TestServerWishes, value } from '@muster/server/testing'
import { createSensor, type Sensor, type SensorSettings } from './sensor-client.ts'

export interface Ground {
  /** `owner` speaks for the tenant of this ground. */
  readonly server: TestServer
  readonly endpoint: string
  /** The fleet's authority, as anybody may fetch it. */
  readonly ca: string
  /** A fresh enrolment token. */
  token(wishes?: Partial<BodyOf<typeof createEnrollmentToken>>): Promise<string>
  /** A sensor that has not been launched; it is closed with the ground. */
  sensor(settings?: Partial<SensorSettings>): Sensor
  /** A sensor that enrolled with a token of its own. */
  enrolled(settings?: Partial<SensorSettings>): Promise<Sensor>
  /** The same server, from within a tenant that nothing happened in yet. */
  ofTenant(): Promise<Ground>
  close(): Promise<void>
}

let tenants = 0

const groundOn = (server: TestServer, ca: string): Ground => {
  const endpoint = `https://localhost:${server.gateway?.port}`
  const sensors: Sensor[] = []
  const ground: Ground = {
    server,
    endpoint,
    ca,
    async token(more = {}) {
      const made = await value(call(server.owner, createEnrollmentToken, { body: { label: 'test', ...more } }))
      return made.token
    },
    sensor(settings = {}) {
      const sensor = createSensor({ endpoint, ca, ...settings })
      sensors.push(sensor)
      return sensor
    },
    async enrolled(settings = {}) {
      const sensor = ground.sensor({ enrollmentToken: await ground.token(), ...settings })
      const { enrolled } = await sensor.launch()
      if (enrolled?.body === undefined) throw new Error(`not enrolled: ${enrolled?.faults.join()} ${enrolled?.text}`)
      return sensor
    },
    async ofTenant() {
      tenants += 1
      const owner = server.client(await server.tokenOf('owner', `tenant-${tenants}`))
      return groundOn({ ...server, owner, close: async () => owner.close() }, ca)
    },
    async close() {
      for (const sensor of sensors) sensor.close()
      await server.close()
    },
  }
  return ground
}

export const openGround = async (wishes: TestServerWishes = {}): Promise<Ground> => {
  const server = await startTestServer(wishes)
  const { text: ca } = await callText(server.owner, { method: 'GET', path: '/ca.pem' })
  return groundOn(server, ca)
}

/** A ground for all tests of a file, opened by the first that asks and closed after them. */
export const commonGround = (wishes: TestServerWishes = {}): (() => Promise<Ground>) => {
  let opened: Promise<Ground> | undefined
  after(async () => (await opened)?.close())
  return () => {
    opened ??= openGround(wishes)
    return opened
  }
}

/** Looks until the state is there; a state that never comes fails after far longer than anything here takes. */
export const until = async <T>(look: () => Promise<T>, isThere: (seen: T) => boolean): Promise<T> => {
  const deadline = AbortSignal.timeout(60_000)
  for (;;) {
    const seen = await look()
    if (isThere(seen)) return seen
    if (deadline.aborted) throw new Error(`it never came; last seen: ${JSON.stringify(seen)}`)
    await wait(20)
  }
}
