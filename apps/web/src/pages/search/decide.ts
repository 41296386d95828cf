// What an address says about a search, what is asked of the API for it, and how an answer reads; pure.
// What a query means is the API's business.
import type { BodyOf, Ecosystem, SearchHit, SearchInterval, SearchVerdict, searchInventory } from '@muster/contract'
import { momentOf, oneOf, textOf, type Words, withoutUnsaid } from '../../parts/decide-words.ts'
import { ecosystems, verdicts } from '../../wire/routes.built.ts'

export const states = ['present', 'removed'] as const

export interface SearchView {
  readonly q?: string
  readonly ecosystem?: Ecosystem
  /** With it, whoever had it at any time since; without, whoever has it now. */
  readonly from?: string
  readonly to?: string
  readonly state?: (typeof states)[number]
  /** The one verdict that is listed; without, those with a match. */
  readonly verdict?: SearchVerdict
  /** The device whose evidence is open. */
  readonly device?: string
}

const mostLetters = 1024

export const readSearchView = (words: Words): SearchView => {
  const from = momentOf(words['from'])
  return withoutUnsaid<SearchView>({
    q: textOf(words['q'], mostLetters),
    ecosystem: oneOf(words['ecosystem'], ecosystems),
    from,
    // An end without a beginning is no window.
    to: from === undefined ? undefined : momentOf(words['to']),
    state: oneOf(words['state'], states),
    verdict: oneOf(words['verdict'], verdicts),
    device: textOf(words['device']),
  })
}

/** A window without an end reaches to `now`. */
export const bodyOf = (
  { q, ecosystem, from, to, state, verdict }: SearchView,
  now: string,
): BodyOf<typeof searchInventory> => ({
  ...(q !== undefined && { q }),
  ...(ecosystem !== undefined && { ecosystem }),
  ...(from !== undefined && { window: { from, to: to ?? now } }),
  ...(state !== undefined && { state }),
  ...(verdict !== undefined && { verdicts: [verdict] }),
})

/** Whether the window is one. */
export const isWindow = ({ from, to }: SearchView): boolean => from === undefined || to === undefined || from <= to

export const verdictMeanings: Readonly<Record<SearchVerdict, string>> = {
  present: 'there, and the device was seen within a day',
  present_unconfirmed: 'there when the device was last seen, more than a day ago',
  past: 'was there in that time, and is gone',
  not_observed: 'looked, and did not find it',
  unknown: 'could not say',
}

export const unknownReasons: Readonly<Record<NonNullable<SearchHit['unknownReason']>, string>> = {
  surface_none: 'nothing was received from that surface',
  surface_partial: 'that surface never had a full scan',
  no_contact_in_window: 'not in contact during the window',
  enrolled_after_window: 'enrolled after the window began',
  scanned_after_window: 'first scanned after the window began',
}

export const endWords: Readonly<Record<NonNullable<SearchInterval['toKind']>, string>> = {
  removed: 'removed',
  replaced: 'replaced by another version',
  device_retired: 'the device was retired',
}

const byText = (left: string, right: string): number => left.localeCompare(right, undefined, { numeric: true })

/** Every version of a hit once, lowest first. */
export const versionsOf = ({ intervals }: Pick<SearchHit, 'intervals'>): readonly string[] =>
  [...new Set(intervals.flatMap(({ version }) => version ?? []))].toSorted(byText)

/** From its first sight on, and to its last end; null while it is still there. */
export const spanOf = ({ intervals }: Pick<SearchHit, 'intervals'>): { from: string; to: string | null } | null => {
  const froms = intervals.map(({ from }) => from).toSorted()
  const ends = intervals.map(({ to }) => to)
  const [from] = froms
  if (from === undefined) return null
  return {
    from,
    to: ends.includes(null)
      ? null
      : (ends
          .filter((to) => to !== null)
          .toSorted()
          .at(-1) ?? null),
  }
}
