// `muster operator`: tokens of operators, people and scripts alike.
// Tokens that let machines in are token.ts.
import { isIP } from 'node:net'
import { CAPABILITIES, type Capability, fleetRoutes, type OperatorToken, ROLES, type Role } from '@muster/contract'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { given, limitOption, listed, spanOf } from '../ask/argument.ts'
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
    { title: 'scopes', of: ({ scopes }) => scopes?.join(', ') ?? '' },
    { title: 'groups', of: ({ groups }) => groups?.join(', ') ?? '' },
    { title: 'from', of: ({ networks }) => networks?.join(', ') ?? '' },
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

interface CreateFlags {
  readonly role: Role
  readonly expires?: number
  readonly scope?: Capability[]
  readonly from?: string[]
  readonly group?: readonly string[]
}

const scopeOf = (text: string, before: Capability[] = []): Capability[] => {
  const scope = CAPABILITIES.find((capability) => capability === text)
  if (scope === undefined) throw new InvalidArgumentError(`Say one of ${CAPABILITIES.join(', ')}.`)
  return [...before, scope]
}

/** An address alone is the network of that address; what is no network is the server's to refuse. */
const networkOf = (text: string, before: string[] = []): string[] => {
  const bits = { 4: 32, 6: 128 }[isIP(text)]
  return [...before, bits === undefined ? text : `${text}/${bits}`]
}

const create = async ({ talk, print }: Session, name: string, flags: CreateFlags): Promise<void> => {
  const { role, expires, scope, from, group } = flags
  const body = {
    name,
    role,
    ...given({ expiresInSeconds: expires, scopes: scope, networks: from, groups: group && [...group] }),
  }
  const made = await talk.get(createOperatorToken, { body })
  if (print.isJson) return print.json(made)
  await print.facts([
    ['token', { text: made.token, tone: 'strong' }],
    ['id', made.id],
    ['name', made.name],
    ['role', made.role],
    ['scopes', made.scopes?.join(', ')],
    ['groups', made.groups?.join(', ')],
    ['from', made.networks?.join(', ')],
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
    .addOption(limitOption())
    .action(online(list))
  operator
    .command('create')
    .description('make an operator token; its value is shown once')
    .argument('<name>', 'whose it is, or what for')
    .addOption(new Option('--role <role>', 'never above your own').choices(ROLES).makeOptionMandatory())
    .option('--scope <scope>', 'limit it to this, such as fleet:read; repeat for more', scopeOf)
    .option('--group <group>', 'limit it to the devices of this group; repeat for more', listed)
    .option('--from <network>', 'limit it to these addresses, such as 10.0.0.0/8; repeat for more', networkOf)
    .option('--expires <span>', 'how long it lives, such as 24h or 90d (default: 90d)', spanOf)
    .action(online(create))
  operator.command('revoke').description('stop an operator token at once').argument('<id>').action(online(revoke))
}
