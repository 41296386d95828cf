// The sentences of the sensor protocol, said to one server, with this device's certificate once it has one.
// When to say them, and what the answers mean, is decided by enroll, policy and sync.
import { type BodyOf, type ReplyOf, spokenSensorRoutes } from '@muster/contract/device'
import { type Called, call, createClient, Unreachable } from '@muster/http/client'
import type { Secret } from '@muster/kernel'
import { clientAccess, type ServerAccess } from '../../../configuration/server-access.ts'

type Routes = typeof spokenSensorRoutes
type Say<R extends Routes[keyof Routes]> = (body: BodyOf<R>) => Promise<Called<ReplyOf<R>>>

export interface SensorServer {
  readonly enroll: Say<Routes['enroll']>
  readonly renew: Say<Routes['renew']>
  readonly config: Say<Routes['config']>
  readonly checkIn: Say<Routes['checkIn']>
  readonly sync: Say<Routes['sync']>
  /** What came in place of a reply that makes sense; null when nothing did. */
  answerIn(fault: unknown): Unreachable['answer']
  close(): void
}

export interface ServerSettings {
  readonly server: string
  readonly access: ServerAccess
  readonly identity: { readonly certificatePem: string; readonly keyPem: Secret } | null
}

/** A silent server is given up on well before the next tick would come (sensor-protocol 1). */
const timeoutMs = 60_000

/** The CA file is read when this is called, so that a renewed file counts from the next connection on. */
export const connectSensorServer = ({ server, access, identity }: ServerSettings): SensorServer => {
  const client = createClient({
    baseUrl: server,
    timeoutMs,
    // One conversation at a time (sensor-protocol 1).
    connections: 1,
    ...clientAccess(access),
    ...(access.sensorToken !== null && { headers: { 'x-koban-sensor-token': access.sensorToken.reveal() } }),
    ...(identity !== null && { cert: identity.certificatePem, key: identity.keyPem }),
  })
  return {
    enroll: (body) => call(client, spokenSensorRoutes.enroll, { body }),
    renew: (body) => call(client, spokenSensorRoutes.renew, { body }),
    config: (body) => call(client, spokenSensorRoutes.config, { body }),
    checkIn: (body) => call(client, spokenSensorRoutes.checkIn, { body }),
    sync: (body) => call(client, spokenSensorRoutes.sync, { body }),
    answerIn: (fault) => (fault instanceof Unreachable ? fault.answer : null),
    close: () => client.close(),
  }
}
