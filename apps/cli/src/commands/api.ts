// `muster api`: one request as it is, for what no other command does.
// The API's own description is at /openapi.json of the server.
import { ErrorBody, fleetPrefix } from '@muster/contract'
import { callText } from '@muster/http/client'
import { type Command, Option } from 'commander'
import { readInput } from '../ask/file.ts'
import type { Acting, Session } from '../session.ts'
import { EXIT, type ExitCode, exitOfStatus, Stop } from '../stop.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

interface ApiFlags {
  readonly body?: string
  readonly ifMatch?: string
}

const methodOf = (text: string): string => {
  const method = methods.find((known) => known === text.toUpperCase())
  if (method === undefined) throw new Stop(EXIT.usage, `${text} is no method; say one of ${methods.join(', ')}`)
  return method
}

/** `devices` is below the fleet API; `/healthz` is what it says. */
const fullPath = (path: string): string => (path.startsWith('/') ? path : `${fleetPrefix}/${path}`)

const bodyOf = async ({ world }: Session, text: string): Promise<string> => {
  const json = text === '-' || text.startsWith('@') ? await readInput(world, text.replace(/^@/, '')) : text
  try {
    JSON.parse(json)
    return json
  } catch (cause) {
    throw new Stop(EXIT.usage, '--body is no JSON; say JSON, @FILE, or - for standard input', { cause })
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the reply is not JSON, and is shown as it is
  }
}

const api = async (session: Session, method: string, path: string, flags: ApiFlags): Promise<ExitCode> => {
  const { talk, print } = session
  const body = flags.body === undefined ? undefined : await bodyOf(session, flags.body)
  const headers = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(flags.ifMatch !== undefined && { 'if-match': `"${flags.ifMatch.replaceAll('"', '')}"` }),
  }
  const verb = methodOf(method)
  const sending = {
    method: verb,
    path: fullPath(path),
    headers,
    repeatable: verb === 'GET',
    ...(body !== undefined && { body }),
  }
  const { status, text } = await callText(talk.client, sending)
  if (text !== '') await print.rawJson(text.endsWith('\n') ? text : `${text}\n`)
  if (status >= 200 && status < 300) return EXIT.ok
  const error = ErrorBody.safeParse(parsed(text))
  await print.note(`muster: the server answered ${status}${error.success ? `, ${error.data.error.code}` : ''}`, 'bad')
  return exitOfStatus(status)
}

export const addApiCommand = (muster: Command, { online }: Acting): void => {
  muster
    .command('api')
    .description('one request to the API, as it is')
    .argument('<method>', methods.join(', '))
    .argument('<path>', `below ${fleetPrefix}, such as devices or "devices?limit=5"; or a whole path, such as /healthz`)
    .addOption(new Option('--body <json>', 'JSON, @FILE, or - for standard input'))
    .addOption(new Option('--if-match <version>', 'the version being changed'))
    .action(online(api))
}
