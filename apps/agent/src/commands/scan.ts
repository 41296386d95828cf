// `muster-agent scan`: what the collectors see on this machine now; it needs no server and leaves no trace.
// The collectors are in lanes/observe/collect.
import { toIso } from '@muster/kernel'
import type { Snapshot } from '../lanes/observe/collect/snapshot.ts'
import { createCollectors } from '../lanes/observe/collectors.ts'
import { tame } from '../program/tame.ts'
import { type CommandContext, mustBeGood } from './context.ts'

const shown = (surface: string, { items, issues }: Snapshot): string =>
  [
    `${surface}: ${items.length} items, ${issues.length} issues`,
    ...items.map(({ name, version, path }) => `  ${name} ${version ?? ''}  ${path}`),
    ...issues.map(({ path, reason }) => `  ! ${path}: ${reason}`),
  ]
    .map(tame)
    .join('\n')

export const scan = async (context: CommandContext): Promise<void> => {
  mustBeGood(context)
  const { configuration, arguments: asked, print } = context
  const { observe } = configuration
  const startedAt = toIso(Date.now())
  const surfaces: { surface: string; items: Snapshot['items']; issues: Snapshot['issues'] }[] = []
  for (const collector of createCollectors(() => observe)) {
    const snapshot = await collector.collect(AbortSignal.timeout(observe.watch.maxScanWallClockSeconds * 1000))
    surfaces.push({ surface: collector.surface, items: snapshot.items, issues: snapshot.issues })
    if (!asked.json) print(`${shown(collector.surface, snapshot)}\n`)
  }
  if (asked.json) print(`${JSON.stringify({ startedAt, surfaces }, null, 2)}\n`)
}
