// `muster device` where it changes something: names, tags, and the life of a device in the fleet.
// Looking at devices is device-list.ts and device-show.ts.
import { type Device, fleetRoutes } from '@muster/contract'
import type { Command } from 'commander'
import { given, listed } from '../ask/argument.ts'
import { eachOf } from '../ask/each.ts'
import { findDevice } from '../ask/find.ts'
import type { Talk } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { EXIT, type ExitCode, Stop, stopOf } from '../stop.ts'
import { deviceArgument, showDevice } from './device-show.ts'

const { changeDevice, deleteDeviceData, mergeDevice } = fleetRoutes

const nameOf = ({ displayName, hostname }: Device): string => displayName ?? hostname

interface SetFlags {
  readonly name?: string
  readonly owner?: string
  readonly notes?: string
}

const orNull = (text: string | undefined): string | null | undefined => (text === '' ? null : text)

const set = async ({ talk, print }: Session, name: string, flags: SetFlags): Promise<void> => {
  const body = given({ displayName: orNull(flags.name), owner: orNull(flags.owner), notes: orNull(flags.notes) })
  if (Object.keys(body).length === 0) throw new Stop(EXIT.usage, 'say what to set: --name, --owner or --notes')
  const { id, version } = await findDevice(talk, name)
  const device = await talk.get(changeDevice, { params: { id }, body, ifMatch: String(version) })
  await (print.isJson ? print.json(device) : showDevice(print, device))
}

const rename = (session: Session, name: string, displayName: string): Promise<void> =>
  set(session, name, { name: displayName })

interface TagFlags {
  readonly add?: readonly string[]
  readonly remove?: readonly string[]
}

const maxAttempts = 3

/** Adding and removing tags means the same whoever else changed the device meanwhile, so a stale version is read anew. */
const tagOne = async (talk: Talk, name: string, { add = [], remove = [] }: TagFlags): Promise<Device> => {
  for (let attempt = 1; ; attempt++) {
    const { id, version, tags } = await findDevice(talk, name)
    const wanted = [...new Set([...tags, ...add])].filter((tag) => !remove.includes(tag))
    const reply = await talk.ask(changeDevice, { params: { id }, body: { tags: wanted }, ifMatch: String(version) })
    if (reply.ok) return reply.value
    if (reply.refusal.code !== 'version_stale' || attempt === maxAttempts) throw stopOf(reply.refusal)
  }
}

const tag = async ({ talk, print }: Session, names: readonly string[], flags: TagFlags): Promise<ExitCode> => {
  if (flags.add === undefined && flags.remove === undefined) throw new Stop(EXIT.usage, 'say --add TAG or --remove TAG')
  const { done, exitCode } = await eachOf(print, names, (name) => tagOne(talk, name, flags))
  if (print.isJson) await print.json(names.length === 1 ? done[0] : { items: done })
  else
    for (const device of done)
      await print.line(`${device.id}  ${nameOf(device)}  ${device.tags.join(', ') || 'no tags'}`)
  return exitCode
}

const lifeRoutes = {
  revoke: fleetRoutes.revokeDevice,
  retire: fleetRoutes.retireDevice,
  reactivate: fleetRoutes.reactivateDevice,
  resnapshot: fleetRoutes.requestResnapshot,
} as const

const resnapshotLimit = 'Koban agents up to 0.0.5 scan again on this hint, but do not send again what they sent before.'

const lifeOf =
  (action: keyof typeof lifeRoutes, past: string) =>
  async ({ talk, print }: Session, names: readonly string[], flags: { reason?: string }): Promise<ExitCode> => {
    const { done, exitCode } = await eachOf(print, names, async (name) => {
      const { id } = await findDevice(talk, name)
      return talk.get(lifeRoutes[action], { params: { id }, body: given({ reason: flags.reason }) })
    })
    if (print.isJson) await print.json(names.length === 1 ? done[0] : { items: done })
    else for (const device of done) await print.line(`${device.id}  ${nameOf(device)}  ${past}`)
    if (action === 'resnapshot' && done.length > 0) await print.note(resnapshotLimit)
    return exitCode
  }

const merge = async (
  { talk, print }: Session,
  name: string,
  flags: { into: string; reason?: string },
): Promise<void> => {
  const { id } = await findDevice(talk, name)
  const into = await findDevice(talk, flags.into)
  const body = { intoId: into.id, ...given({ reason: flags.reason }) }
  const merged = await talk.get(mergeDevice, { params: { id }, body })
  if (print.isJson) return print.json(merged)
  await print.line(`${id}  ${nameOf(merged)}  merged into ${into.id}  ${nameOf(into)}`)
}

/** What goes cannot come back, so a slip of one word is not enough. */
const deleteData = async (
  { talk, print }: Session,
  name: string,
  flags: { confirm?: string; reason?: string },
): Promise<void> => {
  const { id, hostname } = await findDevice(talk, name)
  if (flags.confirm === undefined)
    throw new Stop(
      EXIT.usage,
      `this deletes inventory, findings and raw events of ${hostname} for good; say --confirm ${id} to do it`,
    )
  const body = { confirm: flags.confirm, ...given({ reason: flags.reason }) }
  const device = await talk.get(deleteDeviceData, { params: { id }, body })
  if (print.isJson) return print.json(device)
  await print.line(`${id}  ${nameOf(device)}  its data is being deleted`)
  await print.note(`\`muster audit list --target ${id}\` will say how much it was.`)
}

const addLife = (device: Command, { online }: Acting): void => {
  const actions = [
    ['revoke', 'revoked', 'deny every certificate of a device at once; its findings stay'],
    ['retire', 'retired', 'a machine left the fleet in good order; its history stays'],
    ['reactivate', 'active again', 'let a revoked or retired device speak again'],
    ['resnapshot', 'asked to scan everything again', 'hint a device, once, to scan everything again'],
  ] as const
  for (const [name, past, description] of actions)
    device
      .command(name)
      .description(description)
      .argument('<device...>', deviceArgument)
      .option('--reason <text>', 'kept with the device and in the audit history')
      .action(online(lifeOf(name, past)))
}

export const addDeviceChangeCommands = (device: Command, acting: Acting): void => {
  const { online } = acting
  device
    .command('rename')
    .description('give a device a display name; an empty one takes it away')
    .argument('<device>', deviceArgument)
    .argument('<name>')
    .action(online(rename))
  device
    .command('set')
    .description('set what operators note about a device; an empty text takes it away')
    .argument('<device>', deviceArgument)
    .option('--name <text>', 'display name')
    .option('--owner <text>', 'who answers for it')
    .option('--notes <text>', 'anything worth knowing')
    .action(online(set))
  device
    .command('tag')
    .description('add and remove tags')
    .argument('<device...>', deviceArgument)
    .option('--add <tag>', 'key or key=value; repeat for more', listed)
    .option('--remove <tag>', 'repeat for more', listed)
    .action(online(tag))
  addLife(device, acting)
  device
    .command('merge')
    .description('declare a device a former life of another')
    .argument('<device>', deviceArgument)
    .requiredOption('--into <device>', 'the device that goes on')
    .option('--reason <text>', 'kept with the device and in the audit history')
    .action(online(merge))
  device
    .command('delete-data')
    .description('delete what a revoked or retired device reported, for good; its audit entries stay')
    .argument('<device>', deviceArgument)
    .option('--confirm <id>', 'the id of the device once more')
    .option('--reason <text>', 'kept in the audit history')
    .action(online(deleteData))
}
