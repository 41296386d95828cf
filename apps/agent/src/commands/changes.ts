// `muster-agent changes`: what came, changed and went on this machine, whether it is told to a server or not.
// How many are kept is the owner's to say; the first scan of a surface is no change.
import { toIso } from '@muster/kernel'
import { gather } from '../lanes/observe/feed/decide.ts'
import { createFeedStore } from '../lanes/observe/feed/store.ts'
import type { CommandContext } from './context.ts'
import { list, timesShown } from './list.ts'

export const changes = async (context: CommandContext): Promise<void> =>
  list(context, {
    name: 'changes',
    usually: 50,
    read(db, limit, wanted) {
      const feed = createFeedStore(db)
      const events = gather(feed.events(limit, wanted), ({ surface, kind, itemId, detail }) => [
        surface,
        kind,
        itemId,
        detail,
      ])
      return {
        total: feed.countEvents(wanted),
        entries: events.map(({ atMs, ...said }) => ({ at: toIso(atMs), ...said })),
      }
    },
    linesOf: ({ at, kind, itemId, itemName, detail, times }) => [
      `${at} ${kind} ${itemName} ${detail}${timesShown(times)}  ${itemId}`,
    ],
  })
