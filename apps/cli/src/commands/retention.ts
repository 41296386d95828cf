// `muster retention` and `muster hold`: how long data is kept, and what is kept whatever its age.
// Deleting what is too old is the server's own work.
import { fleetRoutes, type LegalHold, type RetainedKind, type RetentionTerm } from '@muster/contract'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { limitOption } from '../ask/argument.ts'
import { findDevice } from '../ask/find.ts'
import { pagesOf } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { showPages } from '../show/list.ts'
import type { Listing, Printer } from '../show/print.ts'
import { EXIT, Stop } from '../stop.ts'

const { readRetention, changeRetention, listLegalHolds, placeLegalHold, readLegalHold, releaseLegalHold } = fleetRoutes

const meanings: Readonly<Record<RetainedKind, string>> = {
  events: 'raw events, after they came',
  deadLetters: 'rejected raw bytes, after they came',
  intervals: 'what was on a machine, after it went',
  findings: 'findings, after they were resolved',
  audit: 'audit entries',
}

const termListing = (print: Printer): Listing<RetentionTerm> => ({
  columns: [
    { title: 'kind', of: ({ kind }) => kind },
    { title: 'days', of: ({ days }) => days, side: 'right' },
    {
      title: 'to come',
      of: ({ pending }) =>
        pending === null ? '' : { text: `${pending.days} from ${print.moment(pending.effectiveAt)}`, tone: 'warn' },
    },
    { title: 'allowed', of: ({ minDays, maxDays }) => `${minDays} to ${maxDays}` },
    { title: 'set by', of: ({ isOwn }) => (isOwn ? 'tenant' : 'installation') },
    { title: 'meaning', of: ({ kind }) => meanings[kind] },
  ],
  empty: '',
})

const show = async ({ talk, print }: Session): Promise<void> => {
  const retention = await talk.get(readRetention, {})
  await (print.isJson ? print.json(retention) : print.table(termListing(print), retention.items))
}

type SetFlags = Partial<Record<RetainedKind, number>>

const set = async ({ talk, print }: Session, flags: SetFlags): Promise<void> => {
  if (Object.keys(flags).length === 0)
    throw new Stop(EXIT.usage, 'say what to keep: --events, --dead-letters, --intervals, --findings or --audit DAYS')
  const { version } = await talk.get(readRetention, {})
  const retention = await talk.get(changeRetention, { body: { days: flags }, ifMatch: version })
  if (print.isJson) return print.json(retention)
  await print.table(termListing(print), retention.items)
  if (retention.items.some(({ kind, pending }) => flags[kind] !== undefined && pending !== null))
    await print.note('Shorter counts after 24 hours; until then, setting the old number undoes it.')
}

const holdListing = (print: Printer): Listing<LegalHold> => ({
  columns: [
    { title: 'id', of: ({ id }) => id, keep: 'whole' },
    { title: 'covers', of: ({ deviceId }) => deviceId ?? 'the whole tenant', keep: 'whole' },
    { title: 'reason', of: ({ reason }) => reason },
    { title: 'placed', of: ({ placedAt }) => print.moment(placedAt), keep: 'long' },
    { title: 'by', of: ({ placedBy }) => placedBy },
    { title: 'released', of: ({ releasedAt }) => print.moment(releasedAt) },
  ],
  empty: 'No legal holds; place one with `muster hold place --device DEVICE --reason TEXT`.',
})

const showHold = (print: Printer, hold: LegalHold): Promise<void> =>
  print.isJson
    ? print.json(hold)
    : print.facts([
        ['id', hold.id],
        ['covers', hold.deviceId ?? 'the whole tenant'],
        ['reason', hold.reason],
        ['placed', `${print.moment(hold.placedAt)} by ${hold.placedBy}`],
        ['released', hold.releasedAt === null ? '' : `${print.moment(hold.releasedAt)} by ${hold.releasedBy}`],
      ])

interface HoldFlags {
  readonly device?: string
  readonly tenant?: true
  readonly reason: string
}

const place = async ({ talk, print }: Session, { device, tenant, reason }: HoldFlags): Promise<void> => {
  if ((device === undefined) === (tenant === undefined))
    throw new Stop(EXIT.usage, 'say what is held: --device DEVICE or --tenant')
  const deviceId = device === undefined ? undefined : (await findDevice(talk, device)).id
  const body = { reason, ...(deviceId !== undefined && { deviceId }) }
  await showHold(print, await talk.get(placeLegalHold, { body }))
}

const release = async ({ talk, print }: Session, id: string): Promise<void> => {
  await showHold(print, await talk.get(releaseLegalHold, { params: { id } }))
  if (!print.isJson) await print.note('What it kept goes with the next purge if it is old enough.')
}

const list = (
  { talk, print }: Session,
  { state, limit }: { state: 'active' | 'released' | 'all'; limit: number },
): Promise<void> =>
  showPages(
    print,
    holdListing(print),
    pagesOf(limit, (query) => talk.get(listLegalHolds, { query: { ...query, state } })),
  )

const showOne = async ({ talk, print }: Session, id: string): Promise<void> =>
  showHold(print, await talk.get(readLegalHold, { params: { id } }))

const daysOf = (text: string): number => {
  const days = /^(\d{1,6})d?$/.exec(text)?.[1]
  if (days === undefined) throw new InvalidArgumentError('Say a number of days, such as 90 or 90d.')
  return Number(days)
}

const addHoldCommands = (muster: Command, { online }: Acting): void => {
  const hold = muster.command('hold').description('legal holds: what is kept whatever its age')
  hold
    .command('list')
    .description('holds, newest first')
    .addOption(new Option('--state <state>').choices(['active', 'released', 'all']).default('active'))
    .addOption(limitOption())
    .action(online(list))
  hold.command('show').description('one hold').argument('<id>').action(online(showOne))
  hold
    .command('place')
    .description('keep everything of a device, or of the tenant')
    .option('--device <device>', 'a name or an id')
    .option('--tenant', 'everything there is')
    .requiredOption('--reason <text>', 'goes on record')
    .action(online(place))
  hold.command('release').description('end a hold; it stays on record').argument('<id>').action(online(release))
}

export const addRetentionCommands = (muster: Command, acting: Acting): void => {
  const { online } = acting
  const retention = muster.command('retention').description('how long data is kept')
  retention.command('show').description('days for each kind of data, and changes to come').action(online(show))
  retention
    .command('set')
    .description('longer counts at once, shorter after 24 hours')
    .option('--events <days>', meanings.events, daysOf)
    .option('--dead-letters <days>', meanings.deadLetters, daysOf)
    .option('--intervals <days>', meanings.intervals, daysOf)
    .option('--findings <days>', meanings.findings, daysOf)
    .option('--audit <days>', meanings.audit, daysOf)
    .action(online(set))
  addHoldCommands(muster, acting)
}
