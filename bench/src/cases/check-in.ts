// Check-ins on kept connections, beside an empty handler that answers the same bytes.
// The request is the published agent's (sensor-protocol 6.1).

import { startHandler } from '../bare/bare.ts'
import { readCredentials } from '../bare/listener-options.ts'
import type { Device } from '../fleet/fleet.ts'
import { measureInSlices, type SaturatedSide, saturated } from '../harness/in-slices.ts'
import { ratesOf } from '../harness/measure.ts'
import type { Target } from '../harness/server.ts'
import type { Row } from '../report/row.ts'
import type { Connection, Reply } from '../wire/connection.ts'
import { openConnections } from '../wire/connection.ts'
import { postRequest } from '../wire/request.ts'
import type { Ground } from './ground.ts'

export const checkInPath = '/api/sensor/v1/check-in'

export const checkInRequest = ({ tenantId, deviceId }: Device): Buffer =>
  postRequest(
    checkInPath,
    JSON.stringify({
      tenantId,
      deviceId,
      sensorVersion: 'koban-agent',
      osVersion: 'Version 15.5 (Build 24F74)',
      activeConfigGeneration: '',
      health: { syncBacklogEvents: 0, syncBacklogBytes: 0 },
    }),
  )

export const checkOk = ({ status, body }: Reply): void => {
  if (status !== 200) throw new Error(`answered ${status}: ${body.toString()}`)
}

export const askOnce = (connection: Connection, request: Buffer): Promise<Reply> =>
  new Promise((resolve, reject) => {
    connection.exchange(request, (reply) => {
      if (reply === undefined) reject(new Error('the server closed the connection'))
      else resolve(reply)
    })
  })

/** Every device on a connection of its own, checking in without a pause. */
const beat = async (target: Target, devices: readonly Device[]): Promise<SaturatedSide> => {
  const connections = await openConnections(
    target,
    devices.map(({ papers }) => papers),
  )
  const requests = devices.map(checkInRequest)
  const traffic = { next: (index: number) => requests[index], check: (_: number, reply: Reply) => checkOk(reply) }
  return saturated(target, connections, traffic)
}

export const runCheckIn = async (ground: Ground): Promise<readonly Row[]> => {
  const { server, devices, finish } = await ground.open(ground.scale.checkInConnections)
  const [first] = devices as readonly [Device]
  const [probe] = (await openConnections(server, [first.papers])) as readonly [Connection]
  const replyText = (await askOnce(probe, checkInRequest(first))).body.toString()
  probe.close()
  const handler = await startHandler({ credentials: readCredentials(server.dataDir, server.ca), replyText })
  const sides = [await beat(server, devices), await beat(handler, devices)] as const
  const [real, bare] = await measureInSlices(...sides, ground.scale)
  for (const side of sides) side.close()
  await finish(real.window)
  await handler.stop()
  const [mine, most] = [ratesOf(real.requests, real), ratesOf(bare.requests, bare)]
  return [
    {
      case: 'check-in',
      what: 'check-in on kept mTLS connections',
      unit: '/s',
      measured: mine.perCpuSecond,
      onTheClock: mine.perSecond,
      ceiling: { what: 'bare mTLS handler', value: most.perCpuSecond, onTheClock: most.perSecond },
      bars: [{ of: 'ratio', atLeast: 0.6 }],
      notes: [`${devices.length} connections, p99 ${real.p99Ms.toFixed(1)} ms`],
    },
  ]
}
