// The surfaces this agent collects, in the order they are scanned (sensor-agent 6).
// A surface the owner disabled has no collector, and what is stored of it is left as it is.
import type { ObserveSettings } from '../../configuration/configuration.ts'
import { createPackageCollectors } from './collect/package-collectors.ts'
import type { Collector } from './collect/snapshot.ts'

/** `settings` are asked for at every scan, because a policy can change them between two. */
export const createCollectors = (settings: () => ObserveSettings): readonly Collector[] =>
  createPackageCollectors(settings)
