// `muster operator`: tokens of operators, people and scripts alike.
// Tokens that let machines in are token.ts.
import { fleetRoutes, type OperatorToken, ROLES, type Role } from '@muster/contract'
import { type Command, Option } from 'commander'
import { given, limitOf, spanOf } from '../ask/argument.ts'
import { pagesOf } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { showPages } from '../show/list.ts'
import { toneOf } from '../show/paint.ts'
import type { Listing, Printer } from '../show/print.ts'

const { createOperatorToken, listOperatorTokens, revokeOperatorToken } = fleetRoutes

const listing = (print: Printer): Listing<OperatorToken> => ({
  columns: [
    { title: 'id', of: ({ id }) => id, keep: 'whole' },
    { title: 'name', of: ({ name }) => name },
    { title: 'role', of: ({ role }) => role },
    { title: 'status', of: ({ status }) => ({ text: status, tone: toneOf(status) }) },
    { title: 'expires', of: ({ expiresAt }) => print.moment(expiresAt), keep: 'long' },
    { title: 'last used', of: ({ lastUsedAt }) => print.moment(lastUsedAt), keep: 'long' },
    { title: 'created by', of: ({ createdBy }) => createdBy },
  ],
  empty: 'No operator tokens.',
})

const list = ({ talk, print }: Session, flags: { limit: number }): Promise<void> =>
  showPages(
    print,
    listing(print),
    pagesOf(flags.limit, (query) => talk.get(listOperatorTokens, { query })),
  )

const create = async (
  { talk, print }: Session,
  name: string,
  flags: { role: Role; expires?: number },
): Promise<void> => {
  const body = { name, role: flags.role, ...given({ expiresInSeconds: flags.expires }) }
  const made = await talk.get(createOperatorToken, { body })
  if (print.isJson) return print.json(made)
  await print.facts([
    ['token', { text: made.token, tone: 'strong' }],
    ['id', made.id],
    ['name', made.name],
    ['role', made.role],
    ['expires', print.moment(made.expiresAt)],
  ])
  await print.note('The token is shown only now. Its owner keeps it with `muster context add NAME --url …`.')
}

const revoke = async ({ talk, print }: Session, id: string): Promise<void> => {
  const token = await talk.get(revokeOperatorToken, { params: { id } })
  await (print.isJson ? print.json(token) : print.line(`${token.id}  ${token.name}  revoked`))
}

export const addOperatorCommands = (muster: Command, { online }: Acting): void => {
  const operator = muster.command('operator').description('operator tokens: who may use this API')
  operator
    .command('list')
    .description('operator tokens: all of them for an owner, their own for others')
    .option('--limit <n>', 'how many at most, or all', limitOf, Infinity)
    .action(online(list))
  operator
    .command('create')
    .description('make an operator token; its value is shown once')
    .argument('<name>', 'whose it is, or what for')
    .addOption(new Option('--role <role>', 'never above your own').choices(ROLES).makeOptionMandatory())
    .option('--expires <span>', 'how long it lives, such as 24h or 90d (default: 90d)', spanOf)
    .action(online(create))
  operator.command('revoke').description('stop an operator token at once').argument('<id>').action(online(revoke))
}
