// `authority list | rotate | retire ID`: the fleet CA, handled beside a running server, which notices within a second.
// What a rotation means for devices is identity's.
import { type AuthorityFacts, bySystem, type Identity } from '@muster/identity'
import { systemClock, toIso } from '@muster/kernel'
import { inspectFolder } from '../folder/data-folder.ts'
import { createGatewayUrl } from '../gateway-url.ts'
import { openServerStorage } from '../open-storage.ts'
import { PlainFault } from '../plain-fault.ts'
import { openIdentity } from '../rooms.ts'
import type { CommandCall, RunCommand } from './command.ts'

const withIdentity = async <T>({ server, log }: CommandCall, work: (identity: Identity) => Promise<T>): Promise<T> => {
  const { settings } = server
  if (inspectFolder(settings.dataDir) !== 'ours') {
    throw new PlainFault(`data folder ${settings.dataDir}: there is no authority yet; it is made at the first start`)
  }
  const clock = systemClock
  const storage = await openServerStorage(settings, { clock, units: [] })
  try {
    const { identity } = await openIdentity({
      server,
      storage,
      clock,
      log,
      gatewayUrl: createGatewayUrl(settings).read,
    })
    try {
      return await work(identity)
    } finally {
      await identity.close()
    }
  } finally {
    await storage.close()
  }
}

const shown = ({ id, state, expiresMs }: AuthorityFacts) => ({ id, state, expiresAt: toIso(expiresMs) })

const by = bySystem('muster-server authority')

export const list: RunCommand = (call) =>
  withIdentity(call, async ({ authority }) => {
    const authorities = authority.list().map(shown)
    if (call.switches.has('json')) call.console.out(JSON.stringify(authorities, null, 2))
    else for (const { id, state, expiresAt } of authorities) call.console.out(`${id}  ${state.padEnd(8)} ${expiresAt}`)
    return 0
  })

export const rotate: RunCommand = (call) => {
  if (call.server.settings['ca.signer'] !== undefined)
    throw new PlainFault(
      'the key of the authority is kept by --ca-signer: have its keeper make another, name its certificate in --ca-certificate, and start again; devices of the former stay trusted',
    )
  return withIdentity(call, async ({ authority }) => {
    const former = authority.current().id
    const { id } = await authority.rotate(by)
    call.console.out(id)
    call.console.say(
      `${id} issues from now on; ${former} stays trusted: give agents the new /ca.pem, then run: authority retire ${former}`,
    )
    return 0
  })
}

export const retire: RunCommand = (call) =>
  withIdentity(call, async ({ authority }) => {
    const [id = ''] = call.names
    const retired = await authority.retire(by, id)
    if (!retired.ok) {
      const known = authority.list().map((one) => one.id)
      const says = retired.refusal.code === 'not_found' ? `there are ${known.join(', ')}` : retired.refusal.detail
      throw new PlainFault(`authority ${id} cannot be retired: ${says ?? retired.refusal.code}`)
    }
    call.console.say(`${id} is retired; certificates it issued are refused from now on`)
    return 0
  })
