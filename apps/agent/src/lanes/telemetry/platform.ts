// The sentences of the telemetry wire, said to one server; what came back as it was, because any server may answer.
// A status decides (telemetry 14), so nothing here depends on the form of a body. What follows is join's and beat's.
import { agentRoutes, type BodyOf } from '@muster/contract/device'
import type { Sending } from '@muster/http/client'
import { type Client, createClient, readText, Unreachable } from '@muster/http/client'
import type { Secret } from '@muster/kernel'
import { clientAccess, type ServerAccess } from '../../configuration/server-access.ts'

/** What a server said, or why none was heard. */
export type Answer =
  | {
      readonly isHeard: true
      readonly status: number
      /** The code in an error body; null when there is none of a form we know. */
      readonly code: string | null
      readonly retryAfter: string | null
      /** Empty when the body was no JSON object, or too large. */
      readonly body: Readonly<Record<string, unknown>>
    }
  | {
      readonly isHeard: false
      /** Of the fault underneath, such as `ECONNREFUSED`; never a text that could quote what was sent. */
      readonly code: string
      /** One sentence of ours for whoever looks after this machine. */
      readonly detail: string
    }

export interface Speaker {
  readonly agentId: string
  readonly token: Secret
}

export interface Platform {
  exchange(body: BodyOf<typeof agentRoutes.exchange>): Promise<Answer>
  heartbeat(speaker: Speaker, body: object): Promise<Answer>
  rotateCertificate(speaker: Speaker, body: BodyOf<typeof agentRoutes.rotateCertificate>): Promise<Answer>
  close(): void
}

export interface PlatformSettings {
  readonly server: string
  readonly access: ServerAccess
  readonly identity: { readonly certificatePem: string; readonly keyPem: Secret } | null
}

const timeoutMs = 30_000
const connectTimeoutMs = 10_000
const mostReplyBytes = 1 << 20

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const objectIn = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text)
    return isMapping(value) ? value : {}
  } catch {
    return {}
  }
}

const codeForm = /^[a-z][a-z0-9_]{0,63}$/

/** Whatever a server writes there goes into logs and files, so only a plain word counts. */
const errorCodeIn = ({ error }: Record<string, unknown>): string | null => {
  const code = isMapping(error) ? error['code'] : null
  return typeof code === 'string' && codeForm.test(code) ? code : null
}

const faultCode = (fault: unknown): string => {
  const { code } = fault as { code?: unknown }
  if (typeof code === 'string' && /^\w{1,64}$/.test(code)) return code
  const { cause } = fault as { cause?: unknown }
  return cause === undefined ? 'unreachable' : faultCode(cause)
}

const send = async (client: Client, sending: Sending): Promise<Answer> => {
  try {
    const reply = await client.send(sending)
    const status = reply.statusCode ?? 0
    const text = await readText(client.origin, reply, mostReplyBytes).catch((fault: unknown) => {
      // Whatever follows a good status, the sentence was heard; another attempt would only say it twice.
      if (status >= 200 && status < 300) return ''
      throw fault
    })
    const body = objectIn(text)
    return { isHeard: true, status, code: errorCodeIn(body), retryAfter: reply.headers['retry-after'] ?? null, body }
  } catch (fault) {
    if (!(fault instanceof Unreachable)) throw fault
    return { isHeard: false, code: faultCode(fault), detail: fault.message }
  }
}

const withAgent = (path: string, { agentId }: Speaker): string =>
  path.replace('{agent_id}', encodeURIComponent(agentId))

/** The CA file is read when this is called, so that a renewed file counts from the next connection on. */
export const connectPlatform = ({ server, access, identity }: PlatformSettings): Platform => {
  const client = createClient({
    baseUrl: server,
    timeoutMs,
    connectTimeoutMs,
    connections: 1,
    ...clientAccess(access),
    ...(identity !== null && { cert: identity.certificatePem, key: identity.keyPem }),
  })
  const post = (path: string, body: object, speaker: Speaker | null): Promise<Answer> =>
    send(client, {
      method: 'POST',
      path,
      // A heartbeat may be said again on another connection: its id tells the server. A nonce must not.
      repeatable: speaker !== null && path.endsWith('/heartbeat'),
      headers: {
        'content-type': 'application/json',
        ...(speaker !== null && { authorization: `Bearer ${speaker.token.reveal()}` }),
      },
      body: JSON.stringify(body),
    })
  return {
    exchange: (body) => post(agentRoutes.exchange.path, body, null),
    heartbeat: (speaker, body) => post(withAgent(agentRoutes.heartbeat.path, speaker), body, speaker),
    rotateCertificate: (speaker, body) => post(withAgent(agentRoutes.rotateCertificate.path, speaker), body, speaker),
    close: () => client.close(),
  }
}
