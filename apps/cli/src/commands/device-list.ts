// `muster device list`: the machines.
// One machine is device-show.ts and device-history.ts; changing them is device-change.ts, many at once device-many.ts.
import {
  COVERAGES,
  DEVICE_SORTS,
  DEVICE_STATUSES,
  type Device,
  fleetRoutes,
  LIVENESSES,
  POLICY_STATUSES,
  type QueryOf,
  SORT_ORDERS,
} from '@muster/contract'
import { type Command, Option } from 'commander'
import { given, limitOption } from '../ask/argument.ts'
import { pagesOf } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { showPages } from '../show/list.ts'
import { toneOf } from '../show/paint.ts'
import type { Listing, Printer } from '../show/print.ts'
import { loadText, stateOf } from './device-show.ts'

const { listDevices } = fleetRoutes

type Wanted = QueryOf<typeof listDevices>

export interface FilterFlags extends Pick<Wanted, 'status' | 'liveness' | 'coverage' | 'group' | 'tag' | 'name'> {
  readonly policy?: Wanted['policyStatus']
  readonly enrolledWith?: string
  readonly goneDark?: true
}

interface ListFlags extends FilterFlags, Pick<Wanted, 'sort' | 'order'> {
  readonly limit: number
}

/** What the flags leave of the list. */
export const filterOf = ({ policy, enrolledWith, goneDark, ...flags }: FilterFlags) =>
  given({
    status: flags.status,
    liveness: flags.liveness,
    coverage: flags.coverage,
    policyStatus: policy,
    group: flags.group,
    tag: flags.tag,
    name: flags.name,
    enrollmentTokenId: enrolledWith,
    goneDark: goneDark && ('true' as const),
  })

const worstOf = ({ openFindings }: Device) => {
  for (const severity of ['critical', 'suspicious', 'notable', 'info'] as const)
    if (openFindings[severity] > 0) return { text: `${openFindings[severity]} ${severity}`, tone: toneOf(severity) }
  return ''
}

const listing = (print: Printer): Listing<Device> => ({
  columns: [
    { title: 'id', of: ({ id }) => id, keep: 'whole' },
    { title: 'name', of: ({ displayName, hostname }) => displayName ?? hostname },
    { title: 'state', of: (device) => ({ text: stateOf(device), tone: toneOf(stateOf(device)) }) },
    { title: 'last contact', of: ({ lastContactAt }) => print.moment(lastContactAt), keep: 'long' },
    { title: 'load', of: ({ heartbeat }) => loadText(heartbeat) },
    { title: 'system', of: ({ osVersion }) => osVersion },
    { title: 'policy', of: ({ policy }) => ({ text: policy.status, tone: toneOf(policy.status) }) },
    { title: 'findings', of: worstOf },
    { title: 'tags', of: ({ tags }) => tags.join(', ') },
  ],
  empty: 'No devices; make an enrolment token with `muster token create` and give it to an agent.',
})

const listAll = ({ talk, print }: Session, flags: ListFlags): Promise<void> => {
  const { sort, order, limit } = flags
  const query = { ...filterOf(flags), ...given({ sort, order }) }
  const pages = pagesOf(limit, (wish) => talk.get(listDevices, { query: { ...query, ...wish } }))
  return showPages(print, listing(print), pages)
}

/** Flags that say which devices are meant. */
export const addFilterOptions = (command: Command): Command =>
  command
    .addOption(new Option('--status <status>', 'only these').choices(DEVICE_STATUSES))
    .addOption(new Option('--liveness <liveness>', 'only these').choices(LIVENESSES))
    .addOption(new Option('--coverage <coverage>', 'only those of which so much is known').choices(COVERAGES))
    .addOption(new Option('--policy <status>', 'only those whose policy is').choices(POLICY_STATUSES))
    .option('--group <name>', 'only members of this group')
    .option('--tag <tag>', 'only those with this tag')
    .option('--name <text>', 'only those with this in a name')
    .option('--enrolled-with <token>', 'only those this enrolment token let in')
    .option('--gone-dark', 'only those that used to be heard every working day and fell silent')

export const addDeviceListCommand = (device: Command, { online }: Acting): void => {
  const list = device
    .command('list')
    .description('devices by host name; retired and merged ones with --status')
    .addOption(
      new Option('--sort <by>', 'in which order; the liveliest first, the longest silent first').choices(DEVICE_SORTS),
    )
    .addOption(new Option('--order <order>', 'or the other way round').choices(SORT_ORDERS))
  addFilterOptions(list).addOption(limitOption()).action(online(listAll))
}
