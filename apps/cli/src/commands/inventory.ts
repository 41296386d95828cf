// `muster inventory` and `muster changes`: what is, was and became of the things found on machines.
// Asking across the fleet for one thing is search.ts.
import { EVENT_KINDS, fleetRoutes, type InventoryItem, type QueryOf, type ReplyOf } from '@muster/contract'
import { type Command, Option } from 'commander'
import { given, limitOption, momentOf } from '../ask/argument.ts'
import { findDevice } from '../ask/find.ts'
import { pagesOf } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { showPages } from '../show/list.ts'
import { toneOf } from '../show/paint.ts'
import type { Listing, Printer } from '../show/print.ts'
import { deviceArgument } from './device-show.ts'
import { addInventoryCompareCommand } from './inventory-compare.ts'
import { addInventoryRareCommand } from './inventory-rare.ts'

const { deviceInventory, listChanges } = fleetRoutes

interface InventoryFlags {
  readonly asOf?: string
  readonly surface?: string
  readonly kind?: string
  readonly name?: string
  readonly limit: number
}

const itemListing = (print: Printer): Listing<InventoryItem> => ({
  columns: [
    { title: 'surface', of: ({ surface }) => surface },
    { title: 'kind', of: ({ kind }) => kind },
    { title: 'name', of: ({ name }) => name },
    { title: 'version', of: ({ version }) => version },
    { title: 'path', of: ({ path }) => path },
    {
      title: 'since',
      of: ({ firstSeenAt, possiblyStale }) => print.moment(firstSeenAt) + (possiblyStale ? ', may be gone' : ''),
    },
  ],
  empty: 'Nothing was found on it.',
})

const inventory = async ({ talk, print, world }: Session, name: string, flags: InventoryFlags): Promise<void> => {
  const asOf = momentOf('--as-of', flags.asOf, world.clock.nowMs())
  const query = given({ asOf, surface: flags.surface, kind: flags.kind, name: flags.name })
  const { id } = await findDevice(talk, name)
  const pages = pagesOf(flags.limit, (wish) =>
    talk.get(deviceInventory, { params: { id }, query: { ...query, ...wish } }),
  )
  await showPages(print, itemListing(print), pages)
}

type Change = ReplyOf<typeof listChanges>['items'][number]

interface ChangeFlags {
  readonly device?: string
  readonly surface?: string
  readonly change?: QueryOf<typeof listChanges>['change']
  readonly since?: string
  readonly baseline?: boolean
  readonly limit: number
}

const changeListing = (print: Printer): Listing<Change> => ({
  columns: [
    { title: 'observed', of: ({ observedAt }) => print.moment(observedAt), keep: 'long' },
    { title: 'device', of: ({ hostname }) => hostname },
    { title: 'change', of: ({ change, baseline }) => ({ text: baseline ? 'baseline' : change, tone: toneOf(change) }) },
    { title: 'surface', of: ({ surface }) => surface },
    { title: 'name', of: ({ name }) => name },
    { title: 'version', of: ({ version }) => version },
    { title: 'path', of: ({ path }) => path },
  ],
  empty: 'No changes.',
})

const baselineOf = (flag: boolean | undefined): 'true' | 'false' | undefined =>
  flag === undefined ? undefined : flag ? 'true' : 'false'

const changes = async ({ talk, print, world }: Session, flags: ChangeFlags): Promise<void> => {
  const since = momentOf('--since', flags.since, world.clock.nowMs())
  const deviceId = flags.device === undefined ? undefined : (await findDevice(talk, flags.device)).id
  const { surface, change } = flags
  const query = given({ deviceId, surface, change, since, baseline: baselineOf(flags.baseline) })
  const pages = pagesOf(flags.limit, (wish) => talk.get(listChanges, { query: { ...query, ...wish } }))
  await showPages(print, changeListing(print), pages)
}

export const addInventoryCommands = (muster: Command, acting: Acting): void => {
  const { online } = acting
  const inventoryCommand = muster
    .command('inventory')
    .description('what is on a device, or was')
    .argument('<device>', deviceArgument)
    .option('--as-of <moment>', 'as it was then, such as 2026-03-31 or 3d')
    .option('--surface <surface>', 'only this surface')
    .option('--kind <kind>', 'only items of this kind')
    .option('--name <name>', 'only items of this name')
    .addOption(limitOption())
    .action(online(inventory))
  addInventoryCompareCommand(inventoryCommand, acting)
  addInventoryRareCommand(inventoryCommand, acting)
  muster
    .command('changes')
    .description('what was added, modified and removed across the fleet, newest first')
    .option('--device <device>', 'only on this device')
    .option('--surface <surface>', 'only this surface')
    .addOption(new Option('--change <change>', 'only these').choices(EVENT_KINDS))
    .option('--since <moment>', 'only what was received since')
    .option('--baseline', 'only what a first scan found')
    .option('--no-baseline', 'only news')
    .addOption(limitOption(100))
    .action(online(changes))
}
