// Agents on their way in, for tests: keys, nonces, and the body of an exchange.
// Requests for certificates are csr.fixture.ts.
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import type { TestRoom } from '../room.fixture.ts'
import { requestFor } from './csr.fixture.ts'
import type { ExchangeCall } from './exchange.ts'

export interface AgentKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export const newAgentKey = (): AgentKey => generateKeyPairSync('ec', { namedCurve: 'P-256' })

export const nextNonce = (): string => randomBytes(32).toString('base64url')

interface More extends Readonly<Record<string, unknown>> {
  readonly request?: Parameters<typeof requestFor>[1]
  readonly ip?: string
}

let addresses = 0

/** An exchange from an address of its own, as far as `more` does not say otherwise. */
export const said = (token: string, key: AgentKey, { request, ip, ...more }: More = {}): ExchangeCall => {
  addresses += 1
  return {
    body: {
      enrollment_token: token,
      csr_pem: requestFor(key, request),
      nonce: nextNonce(),
      hostname: 'build-07',
      os_family: 'linux',
      os_version: 'Ubuntu 24.04.2 LTS',
      agent_version: '0.1.0',
      capabilities: ['token_renewal', 'certificate_rotation'],
      ...more,
    },
    ip: ip ?? `2001:db8::${addresses.toString(16)}`,
    requestId: 'req_exchange',
  }
}

/** Comes in and answers the reply; throws when refused or told to wait. */
export const joined = async (room: Pick<TestRoom, 'identity'>, token: string, key: AgentKey, more: More = {}) => {
  const result = await room.identity.exchange(said(token, key, more))
  if (!result.ok) throw new Error(`not let in: ${result.refusal.code}`)
  if (result.value.reply.status !== 'enrolled') throw new Error('told to wait')
  return result.value.reply
}
