// The surfaces this agent collects, in the order they are scanned (sensor-agent 6).
// A surface the owner disabled has no collector, and what is stored of it is left as it is.
import type { ObserveSettings } from '../../configuration/configuration.ts'
import { createConfigCollectors } from './collect/config-collectors.ts'
import { createPackageCollectors } from './collect/package-collectors.ts'
import type { Collector } from './collect/snapshot.ts'

/** `settings` are asked for at every scan, because a policy can change them between two. */
export const createCollectors = (settings: () => ObserveSettings): readonly Collector[] => {
  const packages = createPackageCollectors(settings)
  const isFirst = ({ surface }: Collector): boolean => surface === 'homebrew'
  return [
    ...packages.filter(isFirst),
    ...createConfigCollectors(settings),
    ...packages.filter((collector) => !isFirst(collector)),
  ]
}
