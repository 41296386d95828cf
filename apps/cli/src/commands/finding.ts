// `muster finding`: rule hits, grouped by device, item and rule.
// Reviewing them comes with the review actions of the API.
import { FINDING_STATES, type Finding, fleetRoutes, type QueryOf, SEVERITIES } from '@muster/contract'
import { type Command, Option } from 'commander'
import { given, limitOption } from '../ask/argument.ts'
import { findDevice } from '../ask/find.ts'
import { pagesOf } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { showPages } from '../show/list.ts'
import { toneOf } from '../show/paint.ts'
import type { Listing, Printer } from '../show/print.ts'

const { listFindings, readFinding } = fleetRoutes

interface ListFlags {
  readonly device?: string
  readonly state?: QueryOf<typeof listFindings>['state']
  readonly severity?: QueryOf<typeof listFindings>['severity']
  readonly rule?: string
  readonly surface?: string
  readonly limit: number
}

const listing = (print: Printer): Listing<Finding> => ({
  columns: [
    { title: 'id', of: ({ id }) => id, keep: 'whole' },
    { title: 'severity', of: ({ severity }) => ({ text: severity, tone: toneOf(severity) }) },
    { title: 'state', of: ({ state }) => ({ text: state, tone: toneOf(state) }) },
    { title: 'device', of: ({ hostname }) => hostname },
    { title: 'item', of: ({ itemName }) => itemName },
    { title: 'title', of: ({ title }) => title },
    { title: 'rule', of: ({ ruleId }) => ruleId },
    { title: 'count', of: ({ count }) => count, side: 'right' },
    { title: 'last observed', of: ({ lastObservedAt }) => print.moment(lastObservedAt), keep: 'long' },
  ],
  empty: 'No findings.',
})

const list = async ({ talk, print }: Session, flags: ListFlags): Promise<void> => {
  const deviceId = flags.device === undefined ? undefined : (await findDevice(talk, flags.device)).id
  const query = given({
    deviceId,
    state: flags.state,
    severity: flags.severity,
    ruleId: flags.rule,
    surface: flags.surface,
  })
  const pages = pagesOf(flags.limit, (wish) => talk.get(listFindings, { query: { ...query, ...wish } }))
  await showPages(print, listing(print), pages)
}

const resolvedText = (print: Printer, { resolution, resolvedBy, resolvedAt }: Finding): string =>
  resolution === null ? '' : `${resolution} by ${resolvedBy ?? 'nobody'}, ${print.moment(resolvedAt)}`

const show = async ({ talk, print }: Session, id: string): Promise<void> => {
  const finding = await talk.get(readFinding, { params: { id } })
  if (print.isJson) return print.json(finding)
  const { evidence } = finding
  await print.facts([
    ['id', finding.id],
    ['title', finding.title],
    ['severity', { text: finding.severity, tone: toneOf(finding.severity) }],
    ['state', { text: finding.state, tone: toneOf(finding.state) }],
    ['resolved', resolvedText(print, finding)],
    ['reopened', finding.reopenCount === 0 ? '' : finding.reopenCount],
    ['device', `${finding.hostname} (${finding.deviceId})`],
    ['item', finding.itemName],
    ['surface', finding.surface],
    ['rule', finding.ruleId],
    ['why', finding.rationale],
    ['matched', evidence.matchedField === null ? '' : `${evidence.matchedField}: ${evidence.matchedValue ?? ''}`],
    ['path', evidence.path],
    ['detail', evidence.detail],
    ['count', finding.count],
    ['item is', finding.itemPresent ? 'still there' : 'gone'],
    ['first observed', print.moment(finding.firstObservedAt)],
    ['last observed', print.moment(finding.lastObservedAt)],
  ])
}

export const addFindingCommands = (muster: Command, { online }: Acting): void => {
  const finding = muster.command('finding').description('what rules found')
  finding
    .command('list')
    .description('findings, newest observation first')
    .option('--device <device>', 'only on this device')
    .addOption(new Option('--state <state>', 'only these').choices(FINDING_STATES))
    .addOption(new Option('--severity <severity>', 'only these').choices(SEVERITIES))
    .option('--rule <id>', 'only of this rule')
    .option('--surface <surface>', 'only on this surface')
    .addOption(limitOption())
    .action(online(list))
  finding.command('show').description('one finding').argument('<id>').action(online(show))
}
