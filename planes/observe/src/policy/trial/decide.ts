// Which of what is stored the rules of a bundle would find at once, and which of what they found before they would leave
// alone. Pure; reading what is stored is store.ts.
import { type Evidence, evidenceFor, type Rule, type RuledItem, ruleKey } from '@muster/contract'

/** An item of the inventory without its place: what machines share in. */
export type StoredContent = Omit<RuledItem, 'path'> & { readonly contentNo: number }

export interface Holding {
  readonly contentNo: number
  readonly deviceNo: number
  readonly pathNo: number
}

/** A rule that looks at what is there when it arrives (sensor-protocol 15.5). */
export interface TriedRule {
  readonly rule: Rule
  /** Looks at the place of an item, so the content alone does not decide. */
  readonly readsPath: boolean
  readonly evidence: (item: RuledItem) => Evidence | null
}

export const evidenceOf = (rule: Rule): TriedRule => ({
  rule,
  readsPath: rule.field === 'path',
  evidence: evidenceFor(rule),
})

/** By surface; the other rules wait for a change, so nothing that is stored sets them off. */
export const rulesToTry = (rules: readonly Rule[]): ReadonlyMap<string, readonly TriedRule[]> =>
  Map.groupBy(
    rules.filter(({ enabled, triggers }) => enabled && triggers.includes('present')).map(evidenceOf),
    ({ rule }) => rule.surface,
  )

export interface Candidate {
  readonly content: StoredContent
  readonly rules: readonly TriedRule[]
}

/** The contents that a rule matches, or would in some place. */
export const decideCandidates = (
  contents: readonly StoredContent[],
  rules: ReadonlyMap<string, readonly TriedRule[]>,
): readonly Candidate[] =>
  contents.flatMap((content) => {
    const matching = (rules.get(content.surface) ?? []).filter(
      ({ readsPath, evidence }) => readsPath || evidence({ ...content, path: '' }) !== null,
    )
    return matching.length === 0 ? [] : { content, rules: matching }
  })

export interface Sample {
  readonly content: StoredContent
  readonly deviceNo: number
  readonly pathNo: number
}

interface RuleTally {
  readonly rule: Rule
  matches: number
  readonly deviceNos: Set<number>
  readonly samples: Sample[]
}

interface DeviceTally {
  matches: number
  readonly samples: Sample[]
}

/** What was found so far. */
export interface Tally {
  readonly byRule: Map<string, RuleTally>
  readonly byDevice: Map<number, DeviceTally>
  matches: number
}

export const mostSamples = 10

const tallyOf = (tally: Tally, rule: Rule): RuleTally => {
  const known = tally.byRule.get(ruleKey(rule)) ?? { rule, matches: 0, deviceNos: new Set(), samples: [] }
  tally.byRule.set(ruleKey(rule), known)
  return known
}

/** Every rule that looks at what is there, with nothing found yet. */
export const newTally = (rules: ReadonlyMap<string, readonly TriedRule[]>): Tally => {
  const tally: Tally = { byRule: new Map(), byDevice: new Map(), matches: 0 }
  for (const { rule } of [...rules.values()].flat()) tallyOf(tally, rule)
  return tally
}

/** Counts a rule's match in one place on one device. */
export const countMatch = (tally: Tally, { rule }: TriedRule, sample: Sample): void => {
  const { deviceNo } = sample
  const counted = tallyOf(tally, rule)
  counted.matches += 1
  counted.deviceNos.add(deviceNo)
  if (counted.samples.length < mostSamples) counted.samples.push(sample)
  const onDevice = tally.byDevice.get(deviceNo) ?? { matches: 0, samples: [] }
  tally.byDevice.set(deviceNo, onDevice)
  onDevice.matches += 1
  if (onDevice.samples.length < mostSamples) onDevice.samples.push(sample)
  tally.matches += 1
}

const mostDevices = 10

/** The devices with the most matches first. */
export const topDevices = ({ byDevice }: Tally): readonly (readonly [deviceNo: number, tally: DeviceTally])[] =>
  [...byDevice]
    .toSorted(([leftNo, left], [rightNo, right]) => right.matches - left.matches || leftNo - rightNo)
    .slice(0, mostDevices)

/** Rules in force that would be gone, or off: what they found stays open, and nothing will say that it is over. */
export const decideOrphaning = (before: readonly Rule[], after: readonly Rule[]): readonly Rule[] => {
  const left = new Set(after.filter(({ enabled }) => enabled).map(ruleKey))
  return before.filter((rule) => rule.enabled && !left.has(ruleKey(rule)))
}
