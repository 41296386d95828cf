// `muster inventory rare`: what is on one device only.
// What counts as that is the server's to say.
import { ECOSYSTEMS, fleetRoutes, type RareItem } from '@muster/contract'
import { type Command, Option } from 'commander'
import { given, limitOption } from '../ask/argument.ts'
import { pagesOf } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { showPages } from '../show/list.ts'
import type { Listing, Printer } from '../show/print.ts'
import { sinceText } from './search-show.ts'

interface RareFlags {
  readonly ecosystem?: RareItem['ecosystem']
  readonly limit: number
}

const listing = (print: Printer): Listing<RareItem> => ({
  columns: [
    { title: 'ecosystem', of: ({ ecosystem }) => ecosystem },
    { title: 'name', of: ({ name }) => name },
    { title: 'version', of: ({ version }) => version },
    { title: 'only on', of: ({ displayName, hostname }) => displayName ?? hostname },
    { title: 'id', of: ({ deviceId }) => deviceId, keep: 'whole' },
    { title: 'since', of: (item) => sinceText(print, item) },
    { title: 'where', of: ({ path }) => path },
  ],
  empty: 'Nothing is on one device only.',
})

const rare = async ({ talk, print }: Session, { ecosystem, limit }: RareFlags): Promise<void> => {
  const query = given({ ecosystem })
  const pages = pagesOf(limit, (wish) => talk.get(fleetRoutes.rareInventory, { query: { ...query, ...wish } }))
  await showPages(print, listing(print), pages)
}

export const addInventoryRareCommand = (inventory: Command, { online }: Acting): void => {
  inventory
    .command('rare')
    .description('packages, each in one version, that are on one device only')
    .addOption(new Option('--ecosystem <ecosystem>', 'only there').choices(ECOSYSTEMS))
    .addOption(limitOption(100))
    .action(online(rare))
}
