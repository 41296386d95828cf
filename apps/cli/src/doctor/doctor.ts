// `muster doctor`: whether this terminal can use the server it was told to use, and what to do if not.
// What each look means is decided in decide.ts; the server's own health is `muster-server doctor`.
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { fleetRoutes } from '@muster/contract'
import { callText, Unreachable } from '@muster/http/client'
import type { Command } from 'commander'
import { isExposed } from '../connect/decide.ts'
import { openSession } from '../connect/open-session.ts'
import type { Acting, Desk, Session } from '../session.ts'
import { toneOf } from '../show/paint.ts'
import { EXIT, type ExitCode } from '../stop.ts'
import { ownVersion } from '../version.ts'
import {
  type Check,
  judgeClock,
  judgeReach,
  judgeReadiness,
  judgeStanding,
  judgeTransport,
  judgeVersions,
  type Standing,
} from './decide.ts'

const certificateEnd = ({ socket }: IncomingMessage): number | null => {
  const ends = socket instanceof TLSSocket ? socket.getPeerCertificate().valid_to : undefined
  return ends === undefined ? null : Date.parse(ends)
}

const knock = async ({ talk, connection, world }: Session): Promise<readonly Check[]> => {
  const reply = await talk.client.send({ method: 'GET', path: '/healthz' })
  const nowMs = world.clock.nowMs()
  const certificateEndsMs = certificateEnd(reply)
  reply.resume()
  const serverMs = Date.parse(reply.headers.date ?? '')
  const transport = {
    isEncrypted: connection.url.startsWith('https:'),
    isExposed: isExposed(connection.url),
    certificateEndsMs,
  }
  return [
    judgeReach(connection.url, null),
    judgeTransport(transport, nowMs),
    ...(Number.isNaN(serverMs) ? [] : [judgeClock(serverMs, nowMs)]),
  ]
}

const askStanding = async ({ talk, connection }: Session): Promise<Standing> => {
  if (connection.token === null) return { kind: 'missing' }
  const reply = await talk.ask(fleetRoutes.me, {})
  if (!reply.ok) return { kind: 'refused', sentence: reply.refusal.detail ?? reply.refusal.code }
  const { name, role, tenantId, groups, expiresAt } = reply.value
  return { kind: 'known', name, role, tenantId, groups, endsMs: expiresAt === null ? null : Date.parse(expiresAt) }
}

const askRest = async (session: Session): Promise<readonly Check[]> => {
  const { talk, world } = session
  const ready = await callText(talk.client, { method: 'GET', path: '/readyz' })
  const standing = await askStanding(session)
  const checks = [judgeReadiness(ready.status, ready.text), judgeStanding(standing, world.clock.nowMs())]
  if (standing.kind !== 'known') return checks
  const status = await talk.ask(fleetRoutes.readStatus, {})
  return status.ok ? [...checks, judgeVersions(ownVersion, status.value.version)] : checks
}

const examine = async (session: Session): Promise<readonly Check[]> => {
  try {
    return [...(await knock(session)), ...(await askRest(session))]
  } catch (fault) {
    if (!(fault instanceof Unreachable)) throw fault
    return [judgeReach(session.connection.url, fault.message)]
  }
}

const doctor = async (desk: Desk): Promise<ExitCode> => {
  const { print } = desk
  const checks = await examine(await openSession(desk))
  if (print.isJson) await print.json({ items: checks })
  else
    for (const { check, state, message, fix } of checks)
      await print.line(`${state.padEnd(4)}  ${check}: ${message}${fix === null ? '' : `; ${fix}`}`, toneOf(state))
  return checks.some(({ state }) => state === 'fail') ? EXIT.failure : EXIT.ok
}

export const addDoctorCommand = (muster: Command, { offline }: Acting): void => {
  muster
    .command('doctor')
    .description('whether this terminal can use the server, and what to do if not')
    .action(offline(doctor))
}
