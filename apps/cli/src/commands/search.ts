// `muster search`: which devices have, or had, a package, and which could not say.
// How a verdict comes about is the observe plane's business; all five counts are always shown.
import {
  ECOSYSTEMS,
  fleetRoutes,
  type ReplyOf,
  type SearchHit,
  type SearchRequest,
  type SearchVerdict,
  VERDICTS,
} from '@muster/contract'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { z } from 'zod'
import { given, limitOf, listed, momentOf } from '../ask/argument.ts'
import { findDevice } from '../ask/find.ts'
import type { Acting, Session } from '../session.ts'
import { toneOf } from '../show/paint.ts'
import type { Listing, Printer } from '../show/print.ts'
import { EXIT, Stop } from '../stop.ts'

const { searchInventory } = fleetRoutes

type Wanted = z.infer<typeof SearchRequest>
type Found = ReplyOf<typeof searchInventory>

interface SearchFlags {
  readonly from?: string
  readonly to?: string
  readonly ecosystem?: Wanted['ecosystem']
  readonly surface?: readonly string[]
  readonly group?: readonly string[]
  readonly device?: string
  readonly path?: string
  readonly state?: Wanted['state']
  readonly verdict?: readonly SearchVerdict[]
  readonly all?: true
  readonly limit: number
}

const windowOf = (flags: SearchFlags, nowMs: number): Wanted['window'] => {
  const from = momentOf('--from', flags.from, nowMs)
  const to = momentOf('--to', flags.to, nowMs) ?? new Date(nowMs).toISOString()
  if (from === undefined && flags.to !== undefined)
    throw new Stop(EXIT.usage, '--to needs --from: say when the window begins')
  if (from === undefined) return undefined
  if (from > to) throw new Stop(EXIT.usage, 'the window ends before it begins; --from comes before --to')
  return { from, to }
}

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
}

const linesOf = (hits: readonly SearchHit[]): readonly Line[] =>
  hits.flatMap((hit): readonly Line[] =>
    hit.intervals.length === 0 ? [{ hit, interval: null }] : hit.intervals.map((interval) => ({ hit, interval })),
  )

const sinceText = (print: Printer, interval: Line['interval']): string => {
  if (interval === null) return ''
  return (interval.fromKind === 'baseline' ? 'at or before ' : '') + print.moment(interval.from)
}

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

const listing = (print: Printer): Listing<Line> => ({
  columns: [
    { title: 'device', of: ({ hit }) => hit.displayName ?? hit.hostname },
    { title: 'id', of: ({ hit }) => hit.deviceId, keep: 'whole' },
    { title: 'verdict', of: ({ hit }) => ({ text: hit.verdict, tone: toneOf(hit.verdict) }) },
    { title: 'name', of: ({ interval }) => interval?.name ?? '' },
    { title: 'version', of: ({ interval }) => interval?.version ?? '' },
    { title: 'since', of: ({ interval }) => sinceText(print, interval) },
    { title: 'until', of: ({ interval }) => untilText(print, interval) },
    { title: 'where', of: placeText },
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

const showFound = async (print: Printer, found: Found): Promise<void> => {
  const lines = linesOf(found.items)
  if (lines.length > 0) {
    await print.table(listing(print), lines)
    await print.line('')
  }
  await print.table(counts(found), VERDICTS)
  const versions = found.versions.map(({ version, devices }) => `${version ?? 'none'} (${devices})`)
  if (versions.length > 0) await print.line(`versions: ${versions.join(', ')}`)
}

const noteFound = async (print: Printer, found: Found, isCut: boolean, askedForAll: boolean): Promise<void> => {
  if (found.suggestions.length > 0) await print.note(`No exact match. Did you mean: ${found.suggestions.join(', ')}?`)
  for (const note of found.notes) await print.note(`note: ${note}`, 'quiet')
  const unknown = found.verdicts.unknown ?? 0
  if (unknown > 0 && !askedForAll)
    await print.note(`${unknown} could not say; --verdict unknown lists them with the reason.`)
  if (isCut) await print.note('There are more; --limit N or --limit all shows them.')
}

const mostPerPage = 200

/** The first answer, with the items of the pages after it. */
const ask = async ({ talk, print }: Session, wanted: Wanted, most: number): Promise<Found> => {
  const page = (limit: number, cursor: string | null) =>
    talk.get(searchInventory, { body: { ...wanted, limit, ...(cursor === null ? {} : { cursor }) } })
  const first = await page(Math.min(most, mostPerPage), null)
  const items = [...first.items]
  let nextCursor = first.nextCursor
  while (nextCursor !== null && items.length < most) {
    await print.progress(`${items.length} so far…`)
    const next = await page(Math.min(most - items.length, mostPerPage), nextCursor)
    items.push(...next.items)
    nextCursor = next.nextCursor
  }
  await print.progress('')
  return { ...first, items, nextCursor }
}

const search = async (session: Session, query: string, flags: SearchFlags): Promise<void> => {
  const { talk, print, world } = session
  const verdicts = flags.all === true ? VERDICTS : flags.verdict
  const wanted: Wanted = {
    q: query,
    ...given({
      ecosystem: flags.ecosystem,
      window: windowOf(flags, world.clock.nowMs()),
      surfaces: flags.surface && [...flags.surface],
      groups: flags.group && [...flags.group],
      deviceId: flags.device === undefined ? undefined : (await findDevice(talk, flags.device)).id,
      path: flags.path === undefined ? undefined : { prefix: flags.path },
      state: flags.state,
      verdicts: verdicts && [...verdicts],
    }),
  }
  const found = await ask(session, wanted, flags.limit)
  if (print.isJson) return print.json(found)
  await showFound(print, found)
  await noteFound(print, found, found.nextCursor !== null, verdicts?.includes('unknown') === true)
}

const verdictListed = (text: string, before: readonly string[] | undefined): readonly string[] => {
  const known: readonly string[] = VERDICTS
  if (!known.includes(text)) throw new InvalidArgumentError(`Allowed choices are ${VERDICTS.join(', ')}.`)
  return listed(text, before)
}

export const addSearchCommand = (muster: Command, { online }: Acting): void => {
  muster
    .command('search')
    .description('which devices have, or had, a package, and which could not say')
    .argument('<query>', 'name, name@version, name@range, pkg:npm/name@version or mcp:name')
    .option('--from <moment>', 'had it at some time since; now unless told')
    .option('--to <moment>', 'and until then; now unless told')
    .addOption(new Option('--ecosystem <ecosystem>', 'only there').choices(ECOSYSTEMS))
    .option('--surface <surface>', 'only on this surface; repeat for more', listed)
    .option('--group <name>', 'only members of this group; repeat for more', listed)
    .option('--device <device>', 'only this device')
    .option('--path <prefix>', 'only under this path')
    .addOption(new Option('--state <state>', 'only what is there, or what went').choices(['any', 'present', 'removed']))
    .addOption(
      new Option('--verdict <verdict>', 'list devices with this verdict; repeat for more')
        .choices(VERDICTS)
        .argParser(verdictListed),
    )
    .option('--all', 'list devices with any verdict')
    .option('--limit <n>', 'how many devices at most, or all', limitOf, Infinity)
    .action(online(search))
}
