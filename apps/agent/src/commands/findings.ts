// `muster-agent findings`: what the rules found on this machine, whether it is told to a server or not.
// How many are kept is the owner's to say.
import { toIso } from '@muster/kernel'
import { gather } from '../lanes/observe/feed/decide.ts'
import { createFeedStore } from '../lanes/observe/feed/store.ts'
import type { CommandContext } from './context.ts'
import { list, timesShown } from './list.ts'

export const findings = async (context: CommandContext): Promise<void> =>
  list(context, {
    name: 'findings',
    usually: 50,
    read(db, limit, wanted) {
      const feed = createFeedStore(db)
      const found = gather(feed.findings(limit, wanted), ({ surface, ruleId, itemId }) => [surface, ruleId, itemId])
      return {
        total: feed.countFindings(wanted),
        entries: found.map(({ atMs, ...said }) => ({ at: toIso(atMs), ...said })),
      }
    },
    linesOf: ({ at, severity, ruleId, title, rationale, surface, itemName, evidence, times }) => [
      `${at} ${severity} ${title}${timesShown(times)}  (${ruleId})`,
      `  ${surface} ${itemName}  ${evidence.path}`,
      ...(evidence.matchedValue === null ? [] : [`  ${evidence.matchedField}: ${evidence.matchedValue}`]),
      `  ${rationale}`,
    ],
  })
