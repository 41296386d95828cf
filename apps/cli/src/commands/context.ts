// `muster context`: servers by name, with the token for each, in a file that only its owner can read.
// Which context a command uses is decided in connect/.

import { Secret } from '@muster/kernel'
import type { Command } from 'commander'
import { pathOf } from '../ask/file.ts'
import { type Contexts, contextsFile, readContexts, writeContexts } from '../connect/contexts.ts'
import { type Context, tidyUrl } from '../connect/decide.ts'
import type { Acting, Desk } from '../session.ts'
import type { Listing } from '../show/print.ts'
import { EXIT, Stop } from '../stop.ts'

/** A context as it is shown: whether there is a token, never the token. */
interface Shown {
  readonly name: string
  readonly url: string
  readonly isCurrent: boolean
  readonly hasToken: boolean
  readonly caFile: string | null
}

const shownOf = ({ current, contexts }: Contexts): readonly Shown[] =>
  Object.entries(contexts)
    .map(([name, { url, token, caFile }]) => ({
      name,
      url,
      isCurrent: name === current,
      hasToken: token !== undefined,
      caFile: caFile ?? null,
    }))
    .toSorted((left, right) => left.name.localeCompare(right.name))

const listing: Listing<Shown> = {
  columns: [
    { title: 'name', of: ({ name }) => name },
    { title: 'current', of: ({ isCurrent }) => (isCurrent ? { text: 'yes', tone: 'good' } : '') },
    { title: 'server', of: ({ url }) => url, keep: 'whole' },
    { title: 'token', of: ({ hasToken }) => (hasToken ? 'kept' : 'none') },
    { title: 'trusts', of: ({ caFile }) => caFile },
  ],
  empty: 'No contexts; add one with `muster context add NAME --url https://…`.',
}

const list = async ({ world, print }: Desk): Promise<void> => {
  const items = shownOf(await readContexts(world))
  await (print.isJson ? print.json({ items }) : print.table(listing, items))
}

const named = (all: Contexts, name: string): Context => {
  const context = all.contexts[name]
  if (context === undefined)
    throw new Stop(EXIT.notFound, `there is no context "${name}"; \`muster context list\` shows those there are`)
  return context
}

const show = async ({ world, print }: Desk, name: string | undefined): Promise<void> => {
  const all = await readContexts(world)
  const wanted = name ?? all.current
  if (wanted === null) throw new Stop(EXIT.notFound, 'no context is current; choose one with `muster context use NAME`')
  named(all, wanted)
  const shown = shownOf(all).find((context) => context.name === wanted)
  if (shown === undefined || print.isJson) return print.json(shown)
  await print.facts([
    ['name', shown.name],
    ['server', shown.url],
    ['current', shown.isCurrent ? 'yes' : 'no'],
    ['token', shown.hasToken ? 'kept, never shown' : 'none'],
    ['trusts', shown.caFile],
    ['file', contextsFile(world)],
  ])
}

const use = async ({ world, print }: Desk, name: string): Promise<void> => {
  const all = await readContexts(world)
  const { url } = named(all, name)
  await writeContexts(world, { ...all, current: name })
  await print.note(`Commands now go to ${name}, ${url}.`)
}

/** From the flag or the environment, else asked for without showing it, else from a pipe; nothing means no token. */
const askToken = async ({ world, flags, print }: Desk, fromInput: boolean): Promise<string> => {
  const known = flags.token ?? world.env['MUSTER_TOKEN'] ?? ''
  if (known !== '') return known
  if (fromInput) return (await world.input.readAll()).trim()
  if (!world.input.isTerminal) return ''
  await print.note('Operator token (not shown; empty for none):')
  return (await world.input.readHidden()).trim()
}

const add = async (desk: Desk, name: string, flags: { tokenStdin?: true; use?: true }): Promise<void> => {
  const { world, print } = desk
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
    throw new Stop(EXIT.usage, 'a context is named with letters, digits, dots, dashes and underscores')
  const url = tidyUrl(desk.flags.url ?? world.env['MUSTER_URL'] ?? '')
  if (url === null) throw new Stop(EXIT.usage, 'say which server: --url https://muster.example')
  const all = await readContexts(world)
  const token = await askToken(desk, flags.tokenStdin === true)
  const ca = desk.flags.ca
  const context = {
    url,
    ...(token !== '' && { token: new Secret(token) }),
    ...(ca !== undefined && { caFile: pathOf(world, ca) }),
  }
  const isCurrent = flags.use === true || all.current === null
  await writeContexts(world, {
    current: isCurrent ? name : all.current,
    contexts: { ...all.contexts, [name]: context },
  })
  await print.note(
    `Added ${name}, ${url}${isCurrent ? '; commands now go there' : ''}. \`muster doctor --context ${name}\` tries it.`,
  )
}

const remove = async ({ world, print }: Desk, name: string): Promise<void> => {
  const all = await readContexts(world)
  named(all, name)
  const { [name]: _gone, ...contexts } = all.contexts
  await writeContexts(world, { current: all.current === name ? null : all.current, contexts })
  await print.note(`Removed ${name}.`)
}

export const addContextCommands = (muster: Command, { offline }: Acting): void => {
  const context = muster.command('context').description('servers by name, with a token for each')
  context.command('list').description('the contexts there are').action(offline(list))
  context
    .command('show')
    .description('one context, without its token')
    .argument('[name]', 'the current one unless told')
    .action(offline(show))
  context
    .command('add')
    .description('remember a server (--url, --ca) and a token for it')
    .argument('<name>')
    .option('--token-stdin', 'read the token from standard input')
    .option('--use', 'and send commands there from now on')
    .action(offline(add))
  context.command('use').description('send commands there from now on').argument('<name>').action(offline(use))
  context.command('remove').description('forget a server and its token').argument('<name>').action(offline(remove))
}
