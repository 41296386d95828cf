// What a server should have made of a story, told without tables: which item was there from when to when, what was hit.
// It shares no code with the product, so that both can be wrong only by themselves.
import type { SensorItem } from '../wire/sensor-payload.ts'
import type { Sentence } from './story.ts'

export interface Interval {
  readonly surface: string
  readonly path: string
  readonly name: string
  readonly version: string
  readonly fromMs: number
  readonly fromBaseline: boolean
  readonly confirmedMs: number
  readonly toMs: number | null
  readonly toKind: 'removed' | 'replaced' | null
}

export interface Outcome {
  readonly intervals: readonly Interval[]
  /** How often each rule was hit on each item. */
  readonly hits: ReadonlyMap<string, number>
}

export const hitKeyOf = (itemId: string, ruleId: string): string => `${ruleId} on ${itemId}`

const open = ({ item, observedAtMs, baseline }: Sentence): Interval => ({
  surface: item.surface,
  path: item.path,
  name: item.name,
  version: item.version ?? '',
  fromMs: observedAtMs,
  fromBaseline: baseline,
  confirmedMs: observedAtMs,
  toMs: null,
  toKind: null,
})

/** Takes the sentences in the order in which the device told them. */
export const foldStory = (sentences: readonly Sentence[]): Outcome => {
  const now = new Map<SensorItem['itemId'], Interval | null>()
  const past: Interval[] = []
  const hits = new Map<string, number>()
  const close = (interval: Interval, { observedAtMs: toMs }: Sentence, toKind: 'removed' | 'replaced'): void =>
    void past.push({ ...interval, toMs, toKind })
  for (const sentence of sentences) {
    const { item, what, ruleId, observedAtMs } = sentence
    const held = now.get(item.itemId)
    if (what === 'hit') {
      const key = hitKeyOf(item.itemId, ruleId ?? '')
      hits.set(key, (hits.get(key) ?? 0) + 1)
    } else if (what === 'removed') {
      // The removal of what nobody had seen proves that it was there.
      if (held === undefined) close({ ...open(sentence), fromBaseline: true }, sentence, 'removed')
      else if (held !== null) close(held, sentence, 'removed')
      now.set(item.itemId, null)
    } else if (held?.version === item.version) {
      now.set(item.itemId, { ...(held as Interval), confirmedMs: observedAtMs })
    } else {
      if (held) close(held, sentence, 'replaced')
      now.set(item.itemId, open(sentence))
    }
  }
  return { intervals: [...past, ...[...now.values()].filter((held) => held !== null)], hits }
}

/** One line for each interval, sorted, so that two lists of them can be compared. */
export const spellIntervals = (intervals: readonly Interval[]): readonly string[] =>
  intervals
    .map((interval) => {
      const { surface, path, name, version, fromMs, fromBaseline, confirmedMs, toMs, toKind } = interval
      const ends = toMs === null ? 'open' : `${toMs} ${toKind}`
      return `${surface} ${path} ${name}@${version} from ${fromMs}${fromBaseline ? ' or before' : ''} seen ${confirmedMs} to ${ends}`
    })
    .toSorted()
