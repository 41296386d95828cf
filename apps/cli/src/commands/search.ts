// `muster search`: which devices have, or had, a package, and which could not say.
// Showing what was found is search-show.ts, taking it away search-export.ts.
import { type BodyOf, ECOSYSTEMS, fleetRoutes, type SearchVerdict, VERDICTS } from '@muster/contract'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { given, limitOption, listed, momentOf } from '../ask/argument.ts'
import { findDevice } from '../ask/find.ts'
import type { Acting, Session } from '../session.ts'
import { type ExportFlags, formatOption } from '../show/export.ts'
import { EXIT, Stop } from '../stop.ts'
import { exportSearch } from './search-export.ts'
import { type Found, noteFound, noteUnshown, showFound } from './search-show.ts'

const { searchInventory } = fleetRoutes

type Wanted = BodyOf<typeof searchInventory>

interface SearchFlags extends ExportFlags {
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
  readonly events?: true
  readonly limit: number
  readonly export?: string
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

const mostPerPage = 200
/** The server looks up events for fewer devices at once. */
const mostWithEvents = 50

/** The first answer, with the items of the pages after it. */
const ask = async ({ talk, print }: Session, wanted: Wanted, most: number): Promise<Found> => {
  const mostAtOnce = wanted.events === true ? mostWithEvents : mostPerPage
  const page = (limit: number, cursor: string | null) =>
    talk.get(searchInventory, { body: { ...wanted, limit, ...(cursor === null ? {} : { cursor }) } })
  const first = await page(Math.min(most, mostAtOnce), null)
  const items = [...first.items]
  let nextCursor = first.nextCursor
  while (nextCursor !== null && items.length < most) {
    await print.progress(`${items.length} so far…`)
    const next = await page(Math.min(most - items.length, mostAtOnce), nextCursor)
    items.push(...next.items)
    nextCursor = next.nextCursor
  }
  await print.progress('')
  return { ...first, items, nextCursor }
}

const wantedOf = async ({ talk, world }: Session, query: string, flags: SearchFlags): Promise<Wanted> => {
  const verdicts = flags.all === true ? VERDICTS : flags.verdict
  return {
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
      events: flags.events,
    }),
  }
}

const search = async (session: Session, query: string, flags: SearchFlags): Promise<void> => {
  const { print } = session
  if (flags.export === undefined && (flags.format !== undefined || flags.force === true))
    throw new Stop(EXIT.usage, '--format and --force are about a file; name it with --export')
  if (flags.export !== undefined && flags.limit !== Infinity)
    throw new Stop(EXIT.usage, 'an export is always whole; leave --limit out')
  if (flags.export !== undefined && flags.events !== undefined)
    throw new Stop(EXIT.usage, 'an export has no ids of events; leave --events out, or ask without --export')
  const wanted = await wantedOf(session, query, flags)
  if (flags.export !== undefined) return exportSearch(session, wanted, flags.export, flags)
  const found = await ask(session, wanted, flags.limit)
  if (print.isJson) return print.json(found)
  await showFound(print, found, flags.events === true)
  await noteFound(print, found)
  await noteUnshown(print, found, found.nextCursor !== null, wanted.verdicts?.includes('unknown') === true)
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
    .argument(
      '<query>',
      'name, name@version, name@range, pkg:npm/name@version or mcp:name; also tag:TAG and path:PREFIX',
    )
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
    .option('--events', 'with the ids of the raw events behind each interval, for as long as they are kept')
    .addOption(limitOption(Infinity, 'devices '))
    .option('--export <file>', 'write every device with its verdict and evidence; - for standard output')
    .addOption(formatOption())
    .option('--force', 'replace a file that exists')
    .action(online(search))
}
