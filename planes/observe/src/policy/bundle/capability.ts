// Which kinds of agents there are, told apart by the only thing they say of themselves (sensor-protocol 18.4).
// Dropping the rules that one kind would choke on happens in compile.ts.
import { BASE_VOCABULARY, MUSTER_VOCABULARY, type Vocabulary } from '@muster/contract'

export interface CapabilitySet {
  readonly name: string
  /** Whether an agent that calls itself this understands the set's whole vocabulary. */
  readonly covers: (sensorVersion: string) => boolean
  readonly vocabulary: Vocabulary
}

/** What every agent understands; whoever declares nothing more gets this. */
export const BASE_CAPABILITY: CapabilitySet = { name: 'base', covers: () => true, vocabulary: BASE_VOCABULARY }

/** Our own agent, of any version: it always took rules for surfaces that it may not have. */
export const MUSTER_CAPABILITY: CapabilitySet = {
  name: 'muster',
  covers: (sensorVersion) => /^muster-agent\/\d+\.\d+\.\d+/.test(sensorVersion),
  vocabulary: MUSTER_VOCABULARY,
}

/** From the richest to the base, which covers all. An agent with words of its own gets a row before the base. */
export const CAPABILITY_SETS: readonly CapabilitySet[] = [MUSTER_CAPABILITY, BASE_CAPABILITY]

/** The sets whose bundles such an agent can take, the richest first; the base is always the last of them. */
export const capabilitySetsOf = (sensorVersion: string, sets: readonly CapabilitySet[]): readonly CapabilitySet[] => {
  const covering = sets.filter((set) => set.covers(sensorVersion))
  return covering.includes(BASE_CAPABILITY) ? covering : [...covering, BASE_CAPABILITY]
}

/** Every word some agent understands: what an author may write. */
export const authoringVocabulary = (sets: readonly CapabilitySet[]): Vocabulary => {
  const every = (words: (vocabulary: Vocabulary) => readonly string[]): readonly string[] => [
    ...new Set(sets.flatMap(({ vocabulary }) => words(vocabulary))),
  ]
  return {
    surfaces: every(({ surfaces }) => surfaces),
    fields: every(({ fields }) => fields),
    flags: every(({ flags }) => flags),
    triggers: every(({ triggers }) => triggers),
    severities: every(({ severities }) => severities),
    matches: Object.assign({}, ...sets.map(({ vocabulary }) => vocabulary.matches).toReversed()),
  }
}
