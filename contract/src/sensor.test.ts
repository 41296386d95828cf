// What can be said to a sensor is a closed list, and nothing in it is an order to a machine (fleet-product 19).
// What each word means is tested where it is said, in tests/wire.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { sensorRoutes } from './sensor.ts'

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  readonly additionalProperties?: boolean | object
}

/** Every key that a value of this shape can have, with those above it. */
const keysOf = (shape: Shape, above = ''): readonly string[] => [
  ...(shape.properties === undefined && shape.additionalProperties !== undefined ? [`${above}.*`] : []),
  ...Object.entries(shape.properties ?? {}).flatMap(([key, inner]) => {
    const path = above === '' ? key : `${above}.${key}`
    return [path, ...keysOf(inner, path)]
  }),
  ...(shape.items === undefined ? [] : keysOf(shape.items, `${above}[]`)),
  ...(shape.anyOf ?? []).flatMap((one) => keysOf(one, above)),
]

const saidBy = (name: keyof typeof sensorRoutes): readonly string[] =>
  keysOf(z.toJSONSchema(sensorRoutes[name].reply, { io: 'output', unrepresentable: 'any' }) as Shape)

const everythingSaid = {
  enroll: ['tenantId', 'deviceId', 'clientCertificate', 'certificateExpiresAt'],
  renew: ['clientCertificate', 'certificateExpiresAt'],
  config: ['generation', 'configJson', 'signature'],
  checkIn: [
    'serverTime',
    'configGeneration',
    'configUpdateAvailable',
    'certificateRenewalRequired',
    'fullResnapshotRequested',
  ],
  sync: [
    'acceptedThroughLocalSequence',
    'acceptedEvents',
    'acceptedEvents[].eventId',
    'acceptedEvents[].localSequence',
    'acceptedEvents[].duplicate',
    'rejectedEvents',
    'rejectedEvents[].eventId',
    'rejectedEvents[].localSequence',
    'rejectedEvents[].code',
    'rejectedEvents[].message',
    'serverTime',
    'configGeneration',
    'configUpdateAvailable',
    'fullResnapshotRequested',
    'retryAfterSeconds',
    'maxBatchBytes',
    'maxBatchEvents',
  ],
}

test('all that a server can say to a sensor is this', () => {
  const said = Object.keys(sensorRoutes).map((name) => [name, saidBy(name as keyof typeof sensorRoutes)])
  assert.deepEqual(Object.fromEntries(said), everythingSaid)
})

test('a shape that lets in any key is seen', () =>
  assert.deepEqual(keysOf(z.toJSONSchema(z.object({ a: z.record(z.string(), z.string()) })) as Shape), ['a', 'a.*']))
