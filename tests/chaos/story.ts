// What a simulated device finds on itself: a first scan, then changes and findings, one after the other.
// What a server should make of it is model.ts; how it gets there is device.ts.
import { findingEvent, findingOn, itemEvent, npmItem } from '../wire/sensor-events.ts'
import { type QueuedEvent, sensorTime } from '../wire/sensor-outbox.ts'
import { itemIdOf, type SensorItem } from '../wire/sensor-payload.ts'
import type { Dice } from './dice.ts'

export interface Sentence {
  readonly item: SensorItem
  /** `hit` is a finding on the item; anything else is a change of it. */
  readonly what: QueuedEvent['kind'] | 'hit'
  readonly ruleId: string | null
  readonly observedAtMs: number
  /** Part of the first scan of its surface. */
  readonly baseline: boolean
  readonly event: QueuedEvent
}

const names = ['fd', 'jq', 'ripgrep', 'tmux', 'left-pad', 'lodash', 'axios', 'zod'] as const
const versions = ['1.0.0', '1.1.0', '2.0.0-rc.1'] as const
const rules = ['acme.new', 'acme.tap'] as const
const changes = ['added', 'added', 'modified', 'removed'] as const
const firstScan = 6

const brewItem = (name: string, version: string): SensorItem => {
  const named = { surface: 'homebrew', kind: 'package', name, version, path: `/opt/homebrew/Cellar/${name}` }
  return { itemId: itemIdOf(named), ...named, origin: 'homebrew/core', installedOnRequest: true }
}

/** On one surface versions replace each other, on the other each is an item of its own. */
const chooseItem = (dice: Dice): SensorItem =>
  (dice.chance(0.5) ? brewItem : npmItem)(dice.pick(names), dice.pick(versions))

const tellHit = (dice: Dice, item: SensorItem, observedAtMs: number): Sentence => {
  const ruleId = dice.pick(rules)
  const finding = findingOn(item, { ruleId, observedAt: sensorTime(observedAtMs) })
  return { item, what: 'hit', ruleId, observedAtMs, baseline: false, event: findingEvent(finding) }
}

const tellChange = (dice: Dice, item: SensorItem, observedAtMs: number): Sentence => {
  const what = dice.pick(changes)
  const event = itemEvent(item, what, { observedAtMs, collectedAtMs: observedAtMs - 5 })
  return { item, what, ruleId: null, observedAtMs, baseline: false, event }
}

const tellFirst = (told: number, startMs: number): Sentence => {
  const item = brewItem(names[told] ?? 'fd', '1.0.0')
  const event = itemEvent(item, 'added', { observedAtMs: startMs })
  return { item, what: 'added', ruleId: null, observedAtMs: startMs, baseline: true, event }
}

/** Happened lately, so that the server believes every moment of it. */
export const createStory = (dice: Dice, startMs: number): (() => Sentence) => {
  let told = 0
  return () => {
    told += 1
    if (told <= firstScan) return tellFirst(told - 1, startMs)
    const item = chooseItem(dice)
    const observedAtMs = startMs + told * 10
    return dice.chance(0.2) ? tellHit(dice, item, observedAtMs) : tellChange(dice, item, observedAtMs)
  }
}
