// A configuration bundle as a server sends it: read like a local file, refused as a whole for one wrong type.
// What of it takes effect here is decide.ts (sensor-agent 3.6, sensor-protocol 14).
import { BUILT_IN_RULES, type Rule } from '@muster/contract/inventory'
import { ok, type Result, refuse } from '@muster/kernel'
import { pickSections, settle } from '../../../configuration/import.ts'
import { plainRule } from '../../../configuration/rule-section.ts'
import { Observe, withoutNulls } from '../../../configuration/schema.ts'
import type { WatchSettings } from '../../../configuration/watch-section.ts'

/** The parts of a bundle that count; what it leaves out means the built-in default and not "keep the local value". */
export interface Bundle {
  readonly watch: WatchSettings
  readonly rules: readonly Rule[]
  readonly sync: { readonly maxBatchBytes: number; readonly maxBatchEvents: number }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Numbers out of bounds and entries that cannot be a name are bent or dropped; a wrong type or an unknown word of the
 * rule language refuses everything, also where it would not count (sensor-protocol 14.1).
 */
export const readBundle = (text: string): Result<Bundle, 'bundle_refused'> => {
  const said = withoutNulls(parsed(text))
  if (typeof said !== 'object' || said === null || Array.isArray(said))
    return refuse('bundle_refused', 'The bundle is not a JSON object.')
  const { value, issues } = settle(pickSections(said as Record<string, unknown>).sections)
  const [issue] = issues
  if (issue !== undefined)
    return refuse('bundle_refused', `The bundle is wrong at ${issue.path.join('.') || 'its top'}: ${issue.message}`)
  const { watch, rules, sync } = Observe.parse(value)
  return ok({ watch, rules: rules?.map(plainRule) ?? BUILT_IN_RULES, sync })
}
