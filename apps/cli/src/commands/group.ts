// `muster group`: named sets of devices, by explicit members or by a tag.
// Which policy goes to which group is policy.ts.
import { fleetRoutes, type Group } from '@muster/contract'
import type { Command } from 'commander'
import { given, limitOption, listed } from '../ask/argument.ts'
import { findDevice, findGroup } from '../ask/find.ts'
import { pagesOf, type Talk } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { showPages } from '../show/list.ts'
import type { Listing, Printer } from '../show/print.ts'
import { EXIT, Stop } from '../stop.ts'

const { listGroups, createGroup, changeGroup, deleteGroup } = fleetRoutes

const listing: Listing<Group> = {
  columns: [
    { title: 'id', of: ({ id }) => id, keep: 'whole' },
    { title: 'name', of: ({ name }) => name },
    { title: 'devices', of: ({ memberCount }) => memberCount, side: 'right' },
    { title: 'tag', of: ({ tag }) => tag },
    { title: 'description', of: ({ description }) => description },
  ],
  empty: 'No groups; make one with `muster group create NAME`.',
}

const showGroup = (print: Printer, group: Group): Promise<void> =>
  print.isJson
    ? print.json(group)
    : print.facts([
        ['id', group.id],
        ['name', group.name],
        ['description', group.description],
        ['tag', group.tag],
        ['devices', group.memberCount],
        ['created', print.moment(group.createdAt)],
      ])

const list = ({ talk, print }: Session, flags: { limit: number }): Promise<void> =>
  showPages(
    print,
    listing,
    pagesOf(flags.limit, (query) => talk.get(listGroups, { query })),
  )

const show = async ({ talk, print }: Session, name: string): Promise<void> => {
  await showGroup(print, await findGroup(talk, name))
}

interface SetFlags {
  readonly name?: string
  readonly description?: string
  readonly tag?: string | false
  readonly addDevice?: readonly string[]
  readonly removeDevice?: readonly string[]
}

const idsOf = async (talk: Talk, names: readonly string[] | undefined): Promise<string[] | undefined> => {
  if (names === undefined) return undefined
  const ids: string[] = []
  for (const device of names) ids.push((await findDevice(talk, device)).id)
  return ids
}

const create = async (
  { talk, print }: Session,
  name: string,
  { description, tag, addDevice }: Pick<SetFlags, 'description' | 'tag' | 'addDevice'>,
): Promise<void> => {
  const addDeviceIds = await idsOf(talk, addDevice)
  const body = { name, ...given({ description, tag: tag || undefined, addDeviceIds }) }
  await showGroup(print, await talk.get(createGroup, { body }))
}

const set = async ({ talk, print }: Session, name: string, flags: SetFlags): Promise<void> => {
  const { description, addDevice, removeDevice } = flags
  const body = given({
    name: flags.name,
    description,
    tag: flags.tag === false ? null : flags.tag,
    addDeviceIds: await idsOf(talk, addDevice),
    removeDeviceIds: await idsOf(talk, removeDevice),
  })
  if (Object.keys(body).length === 0)
    throw new Stop(
      EXIT.usage,
      'say what to set: --name, --description, --tag, --no-tag, --add-device or --remove-device',
    )
  const { id, version } = await findGroup(talk, name)
  await showGroup(print, await talk.get(changeGroup, { params: { id }, body, ifMatch: String(version) }))
}

const remove = async ({ talk, print }: Session, name: string): Promise<void> => {
  const group = await findGroup(talk, name)
  const gone = await talk.get(deleteGroup, { params: { id: group.id }, ifMatch: group.version })
  await (print.isJson ? print.json(gone) : print.line(`${group.id}  ${group.name}  deleted; its devices stay`))
}

export const addGroupCommands = (muster: Command, { online }: Acting): void => {
  const group = muster.command('group').description('named sets of devices')
  group.command('list').description('groups by name').addOption(limitOption()).action(online(list))
  group.command('show').description('one group').argument('<group>', 'a name or an id').action(online(show))
  group
    .command('create')
    .description('make a group')
    .argument('<name>')
    .option('--tag <tag>', 'devices with this tag belong to it')
    .option('--description <text>')
    .option('--add-device <device>', 'a device that belongs to it; repeat for more', listed)
    .action(online(create))
  group
    .command('set')
    .description('rename a group, change its tag, add and remove devices')
    .argument('<group>', 'a name or an id')
    .option('--name <name>')
    .option('--description <text>')
    .option('--tag <tag>', 'devices with this tag belong to it')
    .option('--no-tag', 'explicit members only')
    .option('--add-device <device>', 'repeat for more', listed)
    .option('--remove-device <device>', 'repeat for more', listed)
    .action(online(set))
  group
    .command('delete')
    .description('remove a group; its devices stay')
    .argument('<group>', 'a name or an id')
    .action(online(remove))
}
