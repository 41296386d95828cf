// The surfaces this agent collects, in the order they are scanned (sensor-agent 6).
// A surface the owner disabled has no collector, and what is stored of it is left as it is.
import type { ObserveSettings } from '../../configuration/configuration.ts'
import { discoveryBudget } from './collect/discover.ts'
import { createJavascriptPackages } from './collect/javascript-packages/javascript-packages.ts'
import type { Collector } from './collect/snapshot.ts'

/** `settings` are asked for at every scan, because a policy can change them between two. */
export const createCollectors = (settings: () => ObserveSettings): readonly Collector[] => {
  const { javascript } = settings()
  return javascript.enabled ? [createJavascriptPackages(() => javascriptOrder(settings()))] : []
}

// Discovery that runs out of time still gives what it saw; a scan that does gives nothing, so it must come later.
const discoveryShare = 0.8

const javascriptOrder = ({ watch, javascript, ceiling }: ObserveSettings) => ({
  roots: javascript.projectRoots ?? watch.projectRoots,
  scanRoots: ceiling.scanRoots,
  maxDepth: javascript.maxDepth ?? watch.maxDepth,
  excludeDirectories: javascript.excludeDirectories ?? watch.excludeDirectories,
  lockfileNames: javascript.lockfileNames,
  includeNpm: javascript.includeNpm,
  budget: {
    ...discoveryBudget,
    maxMs: Math.min(discoveryBudget.maxMs, watch.maxScanWallClockSeconds * 1000 * discoveryShare),
  },
})
