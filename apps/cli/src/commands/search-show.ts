// What a search found, as text: a line for each place, the five counts, and what the answer cannot know.
// Asking is search.ts; how a verdict comes about is the observe plane's business.
import {
  type fleetRoutes,
  type ReplyOf,
  type SearchHit,
  type SearchInterval,
  type SearchSummary,
  type SearchVerdict,
  VERDICTS,
} from '@muster/contract'
import { toneOf } from '../show/paint.ts'
import type { Listing, Printer } from '../show/print.ts'

export type Found = ReplyOf<(typeof fleetRoutes)['searchInventory']>

/** One line for each place where something was found; a device without a match has one line with its reason. */
interface Line {
  readonly hit: SearchHit
  readonly interval: SearchHit['intervals'][number] | null
}

const reasons: Readonly<Record<NonNullable<SearchHit['unknownReason']>, string>> = {
  surface_none: 'nothing received from that surface',
  surface_partial: 'that surface never had a full scan',
  no_contact_in_window: 'not in contact during the window',
  enrolled_after_window: 'enrolled after the window began',
  scanned_after_window: 'first scanned after the window began',
}

const linesOf = (hits: readonly SearchHit[]): readonly Line[] =>
  hits.flatMap((hit): readonly Line[] =>
    hit.intervals.length === 0 ? [{ hit, interval: null }] : hit.intervals.map((interval) => ({ hit, interval })),
  )

/** First scans find what was there already. */
export const sinceText = (print: Printer, { from, fromKind }: Pick<SearchInterval, 'from' | 'fromKind'>): string =>
  (fromKind === 'baseline' ? 'at or before ' : '') + print.moment(from)

const untilText = (print: Printer, interval: Line['interval']): string => {
  if (interval === null) return ''
  if (interval.to !== null)
    return `${print.moment(interval.to)}${interval.toKind === null ? '' : `, ${interval.toKind}`}`
  return interval.possiblyStale ? 'may be gone' : 'still there'
}

const placeText = ({ hit, interval }: Line): string => {
  if (interval !== null) return interval.path
  return hit.unknownReason === null ? '' : reasons[hit.unknownReason]
}

const eventText = (interval: Line['interval'], eventId: string | null | undefined): string =>
  interval === null ? '' : (eventId ?? 'none')

const eventColumns: Listing<Line>['columns'] = [
  { title: 'began with event', of: ({ interval }) => eventText(interval, interval?.fromEventId), keep: 'whole' },
  { title: 'ended with event', of: ({ interval }) => eventText(interval, interval?.toEventId), keep: 'whole' },
]

const listing = (print: Printer, withEvents: boolean): Listing<Line> => ({
  columns: [
    { title: 'device', of: ({ hit }) => hit.displayName ?? hit.hostname },
    { title: 'id', of: ({ hit }) => hit.deviceId, keep: 'whole' },
    { title: 'verdict', of: ({ hit }) => ({ text: hit.verdict, tone: toneOf(hit.verdict) }) },
    { title: 'name', of: ({ interval }) => interval?.name ?? '' },
    { title: 'version', of: ({ interval }) => interval?.version ?? '' },
    { title: 'since', of: ({ interval }) => (interval === null ? '' : sinceText(print, interval)) },
    { title: 'until', of: ({ interval }) => untilText(print, interval) },
    { title: 'where', of: placeText },
    ...(withEvents ? eventColumns : []),
  ],
  empty: '',
})

const meanings: Readonly<Record<SearchVerdict, string>> = {
  present: 'there, and the device was seen within a day',
  present_unconfirmed: 'there when the device was last seen, more than a day ago',
  past: 'was there in that time, and is gone',
  not_observed: 'looked, and did not find it',
  unknown: 'could not say',
}

const counts = (found: Found): Listing<SearchVerdict> => ({
  columns: [
    { title: 'devices', of: (verdict) => found.verdicts[verdict] ?? 0, side: 'right' },
    {
      title: 'verdict',
      of: (verdict) => ({ text: verdict, tone: (found.verdicts[verdict] ?? 0) > 0 ? toneOf(verdict) : 'quiet' }),
    },
    { title: 'meaning', of: (verdict) => meanings[verdict] },
  ],
  empty: '',
})

export const showFound = async (print: Printer, found: Found, withEvents: boolean): Promise<void> => {
  const lines = linesOf(found.items)
  if (lines.length > 0) {
    await print.table(listing(print, withEvents), lines)
    await print.line('')
  }
  await print.table(counts(found), VERDICTS)
  const versions = found.versions.map(({ version, devices }) => `${version ?? 'none'} (${devices})`)
  if (versions.length > 0) await print.line(`versions: ${versions.join(', ')}`)
}

/** What there is to know about any answer, shown or taken away. */
export const noteFound = async (print: Printer, found: SearchSummary): Promise<void> => {
  if (found.suggestions.length > 0) await print.note(`No exact match. Did you mean: ${found.suggestions.join(', ')}?`)
  for (const note of found.notes) await print.note(`note: ${note}`, 'quiet')
}

export const noteUnshown = async (
  print: Printer,
  found: Found,
  isCut: boolean,
  askedForUnknown: boolean,
): Promise<void> => {
  const unknown = found.verdicts.unknown ?? 0
  if (unknown > 0 && !askedForUnknown)
    await print.note(`${unknown} could not say; --verdict unknown lists them with the reason.`)
  if (isCut) await print.note('There are more; --limit N or --limit all shows them.')
}
