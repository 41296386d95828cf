// `muster audit`: the history of what was done, and by whom.
// Checking it and taking it away are audit-verify.ts and audit-export.ts.
import { AUDIT_OUTCOMES, type AuditEntry, fleetRoutes, type QueryOf } from '@muster/contract'
import { type Command, Option } from 'commander'
import { countOf, given, limitOption, momentOf } from '../ask/argument.ts'
import { pagesOf } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { formatOption } from '../show/export.ts'
import { showPages } from '../show/list.ts'
import { toneOf } from '../show/paint.ts'
import type { Listing, Printer } from '../show/print.ts'
import { exportHistory } from './audit-export.ts'
import { verifyHistory } from './audit-verify.ts'

const { listAudit } = fleetRoutes

interface ListFlags {
  readonly action?: string
  readonly actor?: string
  readonly target?: string
  readonly outcome?: QueryOf<typeof listAudit>['outcome']
  readonly from?: string
  readonly to?: string
  readonly limit: number
}

const listing = (print: Printer): Listing<AuditEntry> => ({
  columns: [
    { title: 'seq', of: ({ seq }) => seq, side: 'right' },
    { title: 'when', of: ({ occurredAt }) => print.moment(occurredAt), keep: 'long' },
    { title: 'who', of: ({ actor }) => actor.displayName ?? `${actor.type} ${actor.id}` },
    { title: 'action', of: ({ action }) => action },
    { title: 'target', of: ({ target }) => target.id },
    { title: 'outcome', of: ({ outcome }) => ({ text: outcome, tone: toneOf(outcome) }) },
    { title: 'details', of: ({ details }) => (Object.keys(details).length === 0 ? '' : JSON.stringify(details)) },
  ],
  empty: 'No entries.',
})

const list = ({ talk, print, world }: Session, flags: ListFlags): Promise<void> => {
  const nowMs = world.clock.nowMs()
  const query = given({
    action: flags.action,
    actorId: flags.actor,
    targetId: flags.target,
    outcome: flags.outcome,
    from: momentOf('--from', flags.from, nowMs),
    to: momentOf('--to', flags.to, nowMs),
  })
  const pages = pagesOf(flags.limit, (wish) => talk.get(listAudit, { query: { ...query, ...wish } }))
  return showPages(print, listing(print), pages)
}

export const addAuditCommands = (muster: Command, { online, offline }: Acting): void => {
  const audit = muster.command('audit').description('what was done, by whom; and whether its record holds')
  audit
    .command('list')
    .description('entries, newest first')
    .option('--action <action>', 'only this action, such as device.revoked')
    .option('--actor <id>', 'only by this operator, token or device')
    .option('--target <id>', 'only about this')
    .addOption(new Option('--outcome <outcome>', 'only these').choices(AUDIT_OUTCOMES))
    .option('--from <moment>', 'only since then')
    .option('--to <moment>', 'only until then')
    .addOption(limitOption(100))
    .action(online(list))
  audit
    .command('verify')
    .description('check the chain: on the server, or of an export, without a server')
    .argument('[file]', 'an export; - for standard input')
    .option('--from <seq>', 'on the server: only from this entry', countOf)
    .option('--to <seq>', 'on the server: only up to this entry', countOf)
    .action(offline(verifyHistory))
  audit
    .command('export')
    .description('every entry in order, as lines of JSON or as a table for a spreadsheet')
    .argument('<file>', 'where to; - for standard output')
    .addOption(formatOption())
    .option('--from <seq>', 'only from this entry', countOf)
    .option('--to <seq>', 'only up to this entry', countOf)
    .option('--force', 'replace a file that exists')
    .action(online(exportHistory))
}
