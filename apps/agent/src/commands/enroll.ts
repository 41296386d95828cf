// `muster-agent enroll`: joins the server once and says how that went, for people and for installers.
// `run` does the same by itself; the attempt is lanes/observe/membership.ts.
import { systemClock } from '@muster/kernel'
import { readToken, spendToken } from '../configuration/spend-token.ts'
import { openDataFolder } from '../folder/data-folder.ts'
import { describeHost } from '../lanes/observe/host.ts'
import { createMembership, type Membership } from '../lanes/observe/membership.ts'
import { PlainFault } from '../plain-fault.ts'
import { createAgentLog } from '../program/agent-log.ts'
import { type CommandContext, mustBeGood } from './context.ts'

const exitCodes: Partial<Record<(Membership & { is: 'outsider' })['because'], 2 | 3>> = {
  declined: 3,
  token_refused: 3,
  token_missing: 2,
  server_changed: 2,
}

const joinOnce = async ({ configuration, machine }: CommandContext, server: string): Promise<Membership> => {
  const { dataDir, serverCaFile } = configuration
  const folder = openDataFolder(dataDir)
  const log = createAgentLog(process.stderr)
  try {
    const membership = createMembership({
      dataDir,
      server,
      caFile: serverCaFile,
      host: describeHost(machine),
      clock: systemClock,
      log,
      readToken: () => readToken(configuration),
      spendToken: () => spendToken(configuration, log),
    })
    return await membership.join()
  } finally {
    folder.close()
  }
}

export const enroll = async (context: CommandContext): Promise<void> => {
  mustBeGood(context)
  const { server } = context.configuration
  if (server === null) throw new PlainFault('no server is configured; name one as server in the configuration', 2)
  const membership = await joinOnce(context, server)
  if (membership.is === 'outsider') throw new PlainFault(membership.detail, exitCodes[membership.because] ?? 1)
  const { deviceId, tenantId, certificateExpiresAt } = membership.enrollment
  context.print(`enrolled as ${deviceId} in tenant ${tenantId}; the certificate expires ${certificateExpiresAt}\n`)
}
