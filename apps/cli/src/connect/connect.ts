// From flags, environment, contexts and checkout to a client of one server.
// Which of them counts is decided in decide.ts.
import { readFile } from 'node:fs/promises'
import { getCACertificates } from 'node:tls'
import { type Client, createClient } from '@muster/http/client'
import { Secret } from '@muster/kernel'
import { pathOf } from '../ask/file.ts'
import type { Desk } from '../session.ts'
import { EXIT, Stop } from '../stop.ts'
import { findCheckout } from './checkout.ts'
import { readContexts } from './contexts.ts'
import { type Connection, decideConnection, isExposed, type Layer } from './decide.ts'

const textOrNothing = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

const secretOf = (text: string | undefined): Secret | undefined =>
  text === undefined || text === '' ? undefined : new Secret(text)

/** What is to be talked to and with which credential; ends the run when that cannot be told. */
export const readConnection = async ({ world, flags }: Desk): Promise<Connection> => {
  const { env } = world
  const { current, contexts } = await readContexts(world)
  const layer = (of: { url?: string; token?: string; ca?: string }): Omit<Layer, 'source'> => ({
    url: textOrNothing(of.url),
    token: secretOf(of.token),
    caFile: of.ca === undefined || of.ca === '' ? undefined : pathOf(world, of.ca),
  })
  const fromEnvironment = { url: env['MUSTER_URL'], token: env['MUSTER_TOKEN'], ca: env['MUSTER_CA'] }
  const decided = decideConnection({
    flags: { ...layer(flags), context: textOrNothing(flags.context) },
    environment: { ...layer(fromEnvironment as Record<string, string>), context: textOrNothing(env['MUSTER_CONTEXT']) },
    contexts,
    currentContext: current,
    checkout: await findCheckout(world.workFolder),
  })
  if (!decided.ok) throw new Stop(EXIT.usage, decided.refusal.detail ?? decided.refusal.code)
  return decided.value
}

/** The certificates of the file besides those every system trusts. Without any of its own the server would be blamed. */
const readTrusted = async (file: string): Promise<string> => {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Stop(EXIT.failure, `cannot read the certificates to trust, ${file}`, { cause })
  })
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new Stop(EXIT.failure, `there is no certificate in ${file}; --ca takes PEM, as the server's /ca.pem gives it`)
  return [...getCACertificates(), text].join('\n')
}

export const openClient = async (connection: Connection, timeoutSeconds: number): Promise<Client> =>
  createClient({
    baseUrl: connection.url,
    timeoutMs: timeoutSeconds * 1000,
    connections: 1,
    ...(connection.token !== null && { token: connection.token }),
    ...(connection.caFile !== null && { ca: await readTrusted(connection.caFile) }),
  })

/** Says what a person should know about where a command goes. */
export const noteConnection = async ({ print }: Desk, { url, token, tokenSource }: Connection): Promise<void> => {
  if (tokenSource === 'checkout')
    await print.note(`Using ${url} and the token of this checkout (.muster/admin-token).`, 'quiet')
  if (token !== null && isExposed(url))
    await print.note(`warning: ${url} is not encrypted; others on the way can read the token`, 'warn')
}
