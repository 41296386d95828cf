// `muster-agent enroll`: joins the server once, for each plane, and says how that went, for people and for installers.
// `run` does the same by itself; the attempts are lanes/observe/membership.ts and lanes/telemetry/join.
import { readFileSync, statSync } from 'node:fs'
import { type Log, Secret, systemClock } from '@muster/kernel'
import type { AgentConfiguration } from '../configuration/configuration.ts'
import type { Plane } from '../configuration/schema.ts'
import { readToken, spendToken } from '../configuration/spend-token.ts'
import { createTokenKeeper, type LaneToken } from '../configuration/token-keeper.ts'
import { openDataFolder } from '../folder/data-folder.ts'
import { makePrivate } from '../folder/private-file.ts'
import { isNamed } from '../lanes/observe/enroll/enrollment.ts'
import { describeHost } from '../lanes/observe/host.ts'
import { createMembership, type Membership } from '../lanes/observe/membership.ts'
import type { Joined } from '../lanes/telemetry/join/join.ts'
import { PlainFault } from '../plain-fault.ts'
import { createAgentLog } from '../program/agent-log.ts'
import { type CommandContext, mustBeGood } from './context.ts'

type Because = (Membership & { is: 'outsider' })['because'] | (Joined & { is: 'outsider' })['because']

const exitCodes: Partial<Record<Because, 2 | 3>> = {
  declined: 3,
  refused: 3,
  token_refused: 3,
  token_missing: 2,
  server_changed: 2,
}

interface Enrolling extends CommandContext {
  readonly server: string
  readonly log: Log
  readonly tokenOf: (plane: Plane) => LaneToken
}

const joinObserve = async ({ configuration, machine, server, log, tokenOf, print }: Enrolling): Promise<void> => {
  const { dataDir, access, namedDevice } = configuration
  const membership = await createMembership({
    ...tokenOf('observe'),
    dataDir,
    server,
    access,
    namedDevice,
    host: describeHost(machine),
    clock: systemClock,
    log,
  }).join()
  if (membership.is === 'outsider') throw new PlainFault(membership.detail, exitCodes[membership.because] ?? 1)
  const { deviceId, tenantId, certificateExpiresAt } = membership.enrollment
  if (isNamed(membership.enrollment))
    return print(`named as ${deviceId} in tenant ${tenantId}; there is nothing to enrol\n`)
  print(`enrolled as ${deviceId} in tenant ${tenantId}; the certificate expires ${certificateExpiresAt}\n`)
}

const joinTelemetry = async (enrolling: Enrolling): Promise<void> => {
  const { configuration, server, tokenOf, print } = enrolling
  const [{ createOwnJoining }, { clearRejection }, { systemTime }] = await Promise.all([
    import('../lanes/telemetry/lane.ts'),
    import('../lanes/telemetry/rejection.ts'),
    import('../lanes/telemetry/time.ts'),
  ])
  clearRejection(configuration.dataDir)
  const joining = await createOwnJoining({ ...enrolling, token: tokenOf('telemetry') }, server)
  for (;;) {
    const joined = await joining.join()
    if (joined.is === 'agent') return print(`enrolled for telemetry as ${joined.identity.agentId}\n`)
    if (joined.is === 'outsider') throw new PlainFault(joined.detail, exitCodes[joined.because] ?? 1)
    if (joined.because === 'later') throw new PlainFault(joined.detail)
    print(`${joined.detail}; asking again in ${Math.round(joined.waitMs / 1000)} seconds\n`)
    await systemTime.pause(joined.waitMs, new AbortController().signal)
  }
}

const joins: Record<Plane, (enrolling: Enrolling) => Promise<void>> = {
  observe: joinObserve,
  telemetry: joinTelemetry,
}

/** A token in a file that others can read is everybody's. */
const hideToken = ({ file, enrollmentToken, isTokenImported }: AgentConfiguration, log: Log): void => {
  if (file === null || enrollmentToken === null || isTokenImported || process.platform === 'win32') return
  if ((statSync(file).mode & 0o077) === 0) return
  makePrivate(file)
  log.warn('the file with the enrolment token could be read by others, and no longer can', { 'file.path': file })
}

const tokenFromInput = (): Secret | null => {
  const text = readFileSync(0, 'utf8').trim()
  return text === '' ? null : new Secret(text)
}

export const enroll = async (context: CommandContext): Promise<void> => {
  mustBeGood(context)
  const { configuration, arguments: asked } = context
  const { server, planes } = configuration
  if (server === null) throw new PlainFault('no server is configured; name one as server in the configuration', 2)
  const folder = openDataFolder(configuration.dataDir)
  const log = createAgentLog(process.stderr)
  try {
    hideToken(configuration, log)
    const said = asked.tokenStdin ? tokenFromInput() : null
    const read = (): Secret | null => said ?? readToken(configuration)
    const tokenOf = createTokenKeeper({ planes, read, spend: () => spendToken(configuration, log) })
    for (const plane of planes) await joins[plane]({ ...context, server, log, tokenOf })
  } finally {
    folder.close()
  }
}
