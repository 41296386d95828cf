// What publishing would change, as sentences for whoever is about to publish; pure.
// The plan itself is the server's.
import type { PolicyPlan } from '@muster/contract'

type Trial = NonNullable<PolicyPlan['trial']>

export interface PlanLine {
  /** How it differs from what is in force. */
  readonly sign: '+' | '−' | '~'
  /** Of a rule, which somebody wrote, or of a setting. */
  readonly name: string
  readonly text: string
}

const counted = (count: number, noun: string): string => `${count.toLocaleString()} ${noun}${count === 1 ? '' : 's'}`

/** Rules and settings that come, go and change, in this order. */
export const changeLines = ({ rules, settings }: PolicyPlan['changes']): readonly PlanLine[] => [
  ...rules.added.map(({ id, surface }): PlanLine => ({ sign: '+', name: id, text: surface })),
  ...rules.removed.map(({ id, surface }): PlanLine => ({ sign: '−', name: id, text: surface })),
  ...rules.changed.map(
    ({ id, surface, parts }): PlanLine => ({ sign: '~', name: id, text: `${surface}: ${parts.join(', ')}` }),
  ),
  ...settings.map(
    ({ path, before, after }): PlanLine => ({
      sign: '~',
      name: path,
      text: `${JSON.stringify(before)} becomes ${JSON.stringify(after)}`,
    }),
  ),
]

/** Which devices get what: one sentence for each kind of agent that gets bytes of its own. */
export const bundleLines = (bundles: PolicyPlan['bundles']): readonly string[] =>
  bundles.map(({ capabilitySet, devices, byteCount, unchanged, droppedRules }) => {
    const bytes = `${byteCount.toLocaleString()} bytes`
    const [one, many] = unchanged ? ['keeps what it has', 'keep what they have'] : [`gets ${bytes}`, `get ${bytes}`]
    const without =
      droppedRules.length === 0 ? '' : `, without ${counted(droppedRules.length, 'rule')} they do not know`
    return `${counted(devices, 'device')} of kind ${capabilitySet} ${devices === 1 ? one : many}${without}`
  })

const atLeast = (isCut: boolean, count: number): string => `${isCut ? 'more than ' : ''}${count.toLocaleString()}`

/** What its rules would find now, would have found in the last 30 days, and would leave behind. */
export const trialLines = ({ matches, isCut, orphaned, recent }: Trial): readonly string[] => [
  `Its rules find ${atLeast(isCut, matches)} ${matches === 1 ? 'item' : 'items'} that are there now.`,
  `In the last 30 days they would have made ${atLeast(recent.isCut, recent.matches)} ${recent.matches === 1 ? 'finding' : 'findings'}.`,
  ...(recent.notMade.findings === 0
    ? []
    : [`${counted(recent.notMade.findings, 'finding')} of that time would not have been made.`]),
  ...(orphaned.findings === 0
    ? []
    : [`${counted(orphaned.findings, 'open finding')} would be left without their rule.`]),
]

export const mostShown = 8
