// A telemetry agent of our own making for tests: it makes its request for a certificate, exchanges it, and sends what it is told.
// Nothing of the product is used but the published heartbeat, so that both halves of the wire are proved apart (telemetry 4, 5).
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { Agent as Connections, request } from 'node:https'
import { heartbeatAt } from '@muster/contract/testing'

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  // Everything in a request of this key is shorter than 256 bytes.
  const length = body.length < 128 ? [body.length] : [0x81, body.length]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const ecdsaWithSha256 = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'))
const commonName = der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('oneprotect-agent'))))

export const certificateRequest = (keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }): string => {
  const key = keys.publicKey.export({ type: 'spki', format: 'der' })
  const info = der(0x30, Buffer.from('020100', 'hex'), der(0x30, commonName), key, Buffer.from('a000', 'hex'))
  const signature = der(0x03, Buffer.of(0), sign('sha256', info, keys.privateKey))
  const base64 = der(0x30, info, ecdsaWithSha256, signature).toString('base64')
  return `-----BEGIN CERTIFICATE REQUEST-----\n${base64.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE REQUEST-----\n`
}

export interface Heard {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  // The tests say what they expect to find in it.
  readonly body: any
}

export interface AgentIdentity {
  readonly agent_id: string
  readonly asset_id: string
  readonly collector_id: string
  readonly site_id: string
  readonly tenant_id: string
  readonly service_account_token: string
}

export interface SaidHeartbeat {
  readonly token?: string | null
  readonly agentId?: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it is when it is text. */
  readonly body?: unknown
}

export interface AgentClient {
  readonly identity: AgentIdentity
  heartbeat(said?: SaidHeartbeat): Promise<Heard>
  close(): void
}

interface Place {
  readonly endpoint: string
  readonly ca: string
}

const createPost = ({ endpoint, ca }: Place) => {
  const connections = new Connections({ keepAlive: true, ca })
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Heard> =>
    new Promise((resolve, reject) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const options = {
        method: 'POST',
        agent: connections,
        headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)), ...headers },
      }
      const sent = request(new URL(path, endpoint), options, (reply) => {
        const pieces: Buffer[] = []
        reply.on('data', (piece: Buffer) => pieces.push(piece))
        reply.on('end', () => {
          const said = Buffer.concat(pieces).toString()
          resolve({
            status: reply.statusCode ?? 0,
            headers: reply.headers,
            body: said === '' ? null : JSON.parse(said),
          })
        })
      })
      sent.on('error', reject)
      sent.end(text)
    })
  return { post, close: () => connections.destroy() }
}

/** One request on a connection of its own. */
export const post = async (
  place: Place,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Heard> => {
  const connection = createPost(place)
  try {
    return await connection.post(path, body, headers)
  } finally {
    connection.close()
  }
}

/** Comes in with that token; throws when it is not let in. */
export const joinAgent = async (
  place: Place,
  enrollmentToken: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<AgentClient> => {
  const { post, close } = createPost(place)
  const joined = await post('/api/v1/agent-enrollment/exchange', {
    enrollment_token: enrollmentToken,
    csr_pem: certificateRequest(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
    nonce: randomBytes(32).toString('base64url'),
    hostname: 'build-07',
    os_family: 'linux',
    agent_version: '0.1.0',
    capabilities: ['token_renewal'],
    ...more,
  })
  if (joined.status !== 201) throw new Error(`not let in: ${joined.status} ${JSON.stringify(joined.body)}`)
  const identity = joined.body as AgentIdentity
  return {
    identity,
    heartbeat({ token = identity.service_account_token, agentId = identity.agent_id, query = '', headers, body } = {}) {
      const path = `/api/v1/agents/${agentId}/telemetry/heartbeat${query}`
      const bearer = token === null ? {} : { authorization: `Bearer ${token}` }
      return post(path, body ?? heartbeatAt(Date.now()), { ...bearer, ...headers })
    },
    close,
  }
}
