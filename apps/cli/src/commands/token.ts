// `muster token`: enrolment tokens, which let machines in.
// Tokens of operators are operator.ts.
import { type EnrollmentToken, fleetRoutes, TOKEN_STATUSES } from '@muster/contract'
import { type Command, Option } from 'commander'
import { countOf, given, limitOption, listed, spanOf } from '../ask/argument.ts'
import { pagesOf } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { showPages } from '../show/list.ts'
import { toneOf } from '../show/paint.ts'
import type { Listing, Printer } from '../show/print.ts'

const { createEnrollmentToken, listEnrollmentTokens, readEnrollmentToken, revokeEnrollmentToken } = fleetRoutes

interface CreateFlags {
  readonly label: string
  readonly uses?: number
  readonly expires?: number
  readonly group?: readonly string[]
  readonly tag?: readonly string[]
  readonly allowReenroll?: true
}

const listing = (print: Printer): Listing<EnrollmentToken> => ({
  columns: [
    { title: 'id', of: ({ id }) => id, keep: 'whole' },
    { title: 'label', of: ({ label }) => label },
    { title: 'status', of: ({ status }) => ({ text: status, tone: toneOf(status) }) },
    { title: 'uses', of: ({ useCount, maxUses }) => `${useCount}/${maxUses}`, side: 'right' },
    { title: 'expires', of: ({ expiresAt }) => print.moment(expiresAt), keep: 'long' },
    { title: 'groups', of: ({ groups }) => groups.join(', ') },
    { title: 'failures', of: ({ failures }) => failures.count, side: 'right' },
  ],
  empty: 'No enrolment tokens; make one with `muster token create`.',
})

const showToken = (print: Printer, token: EnrollmentToken): Promise<void> =>
  print.facts([
    ['id', token.id],
    ['label', token.label],
    ['status', { text: token.status, tone: toneOf(token.status) }],
    ['uses', `${token.useCount} of ${token.maxUses}`],
    ['expires', print.moment(token.expiresAt)],
    ['planes', token.planes.join(', ')],
    ['groups', token.groups.join(', ')],
    ['tags', token.tags.join(', ')],
    ['lets back in', token.allowReenroll ? 'revoked and retired devices too' : ''],
    ['created', `${print.moment(token.createdAt)} by ${token.createdBy}`],
    ['revoked', token.revokedAt === null ? '' : `${print.moment(token.revokedAt)} by ${token.revokedBy ?? '?'}`],
    ['last used', print.moment(token.lastUsedAt)],
    [
      'failures',
      token.failures.count === 0 ? '' : `${token.failures.count}, last: ${token.failures.lastReason ?? '?'}`,
    ],
  ])

const create = async ({ talk, print }: Session, flags: CreateFlags): Promise<void> => {
  const { label, uses, expires, group, tag, allowReenroll } = flags
  const fields = {
    maxUses: uses,
    expiresInSeconds: expires,
    groups: group && [...group],
    tags: tag && [...tag],
    allowReenroll,
  }
  const made = await talk.get(createEnrollmentToken, { body: { label, ...given(fields) } })
  if (print.isJson) return print.json(made)
  await print.facts([['token', { text: made.token, tone: 'strong' }]])
  await showToken(print, made)
  await print.note("The token is shown only now. Put this into the agent's file before its first launch:")
  for (const line of made.agentFile.trimEnd().split('\n')) await print.note(`  ${line}`)
  for (const warning of made.warnings) await print.note(`warning: ${warning}`, 'warn')
}

const show = async ({ talk, print }: Session, id: string): Promise<void> => {
  const token = await talk.get(readEnrollmentToken, { params: { id } })
  await (print.isJson ? print.json(token) : showToken(print, token))
}

const list = (
  { talk, print }: Session,
  flags: { limit: number; status?: EnrollmentToken['status'] },
): Promise<void> => {
  const query = given({ status: flags.status })
  const pages = pagesOf(flags.limit, (wish) => talk.get(listEnrollmentTokens, { query: { ...query, ...wish } }))
  return showPages(print, listing(print), pages)
}

const revoke = async ({ talk, print }: Session, id: string): Promise<void> => {
  const token = await talk.get(revokeEnrollmentToken, { params: { id } })
  if (print.isJson) return print.json(token)
  await showToken(print, token)
  const ids = token.enrolledDeviceIds
  await print.note(ids.length === 0 ? 'No device was enrolled with it.' : `Devices it let in stay: ${ids.join(', ')}`)
}

export const addTokenCommands = (muster: Command, { online }: Acting): void => {
  const token = muster.command('token').description('enrolment tokens: how machines are let in')
  token
    .command('create')
    .description('make an enrolment token; its value is shown once')
    .option('--label <text>', 'what it is for', 'made with muster')
    .option('--uses <n>', 'how many machines may use it (default: 1)', countOf)
    .option('--expires <span>', 'how long it lives, such as 24h or 7d (default: 24h)', spanOf)
    .option('--group <name>', 'a group its machines join; repeat for more', listed)
    .option('--tag <tag>', 'a tag its machines get; repeat for more', listed)
    .option('--allow-reenroll', 'let revoked and retired devices come back with it')
    .action(online(create))
  token
    .command('list')
    .description('enrolment tokens, newest first')
    .addOption(new Option('--status <status>', 'only these').choices(TOKEN_STATUSES))
    .addOption(limitOption())
    .action(online(list))
  token.command('show').description('one enrolment token').argument('<id>').action(online(show))
  token.command('revoke').description('stop enrolments with a token at once').argument('<id>').action(online(revoke))
}
