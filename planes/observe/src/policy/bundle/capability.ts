// Which kinds of agents there are, told apart by the only thing they say of themselves (sensor-protocol 18.4).
// Dropping the rules that one kind would choke on happens in compile.ts.
import { BASE_VOCABULARY, type Vocabulary } from '@muster/contract'

export interface CapabilitySet {
  readonly name: string
  /** Whether an agent that calls itself this understands the set's whole vocabulary. */
  readonly covers: (sensorVersion: string) => boolean
  readonly vocabulary: Vocabulary
}

/** What every agent understands; whoever declares nothing more gets this. */
export const BASE_CAPABILITY: CapabilitySet = { name: 'base', covers: () => true, vocabulary: BASE_VOCABULARY }

/** From the richest to the base, which covers all. An agent with words of its own gets a row before the base. */
export const CAPABILITY_SETS: readonly CapabilitySet[] = [BASE_CAPABILITY]

export const capabilitySetOf = (sensorVersion: string, sets: readonly CapabilitySet[]): CapabilitySet =>
  sets.find((set) => set.covers(sensorVersion)) ?? BASE_CAPABILITY

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
