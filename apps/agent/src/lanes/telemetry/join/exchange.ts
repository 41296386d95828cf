// One exchange: token, certificate request and a nonce go to the server, an identity comes back and is kept (telemetry 4.5).
// What an answer means is decide.ts; when to try is join.ts.
import { randomBytes, X509Certificate } from 'node:crypto'
import { arch } from 'node:os'
import type { BodyOf, exchange } from '@muster/contract/device'
import { Secret, toIso } from '@muster/kernel'
import * as z from 'zod'
import { type DeviceKey, loadOrMakeKey } from '../../../folder/device-key.ts'
import { agentVersion } from '../../../program/version.ts'
import { CAPABILITIES } from '../beat/body.ts'
import type { OsFamily } from '../facts/facts.ts'
import { type Fingerprint, takeFingerprint } from '../fingerprint/fingerprint.ts'
import {
  type Identity,
  makeLaneFolder,
  readFingerprintSource,
  writeCertificate,
  writeFingerprintSource,
  writeIdentity,
} from '../identity.ts'
import { intervalOf } from '../pace.ts'
import { makeCsr } from './csr.ts'

export interface AgentHost {
  readonly osFamily: OsFamily
  readonly hostname: string
  readonly osVersion: string | null
}

export interface ExchangeNeeds {
  readonly dataDir: string
  readonly server: string
  readonly host: AgentHost
  readonly agentClass: string
  readonly intervalSeconds: number
  readonly nowMs: () => number
}

const archs: Record<string, string> = { x64: 'amd64', ia32: '386' }

/** 32 random bytes, another time each time: one that was used proves nothing. */
export const newNonce = (): string => randomBytes(32).toString('base64url')

type ExchangeBody = BodyOf<typeof exchange>

/** The source of an earlier fingerprint is used again, so that other rights make no other computer. */
const fingerprintKept = async ({ dataDir, host }: ExchangeNeeds): Promise<Fingerprint | null> => {
  const before = readFingerprintSource(dataDir)
  const fingerprint = await takeFingerprint(host.osFamily, before)
  if (before === null && fingerprint !== null) writeFingerprintSource(dataDir, fingerprint.source)
  return fingerprint
}

const bodyOf = (
  { dataDir, host, agentClass }: ExchangeNeeds,
  token: Secret,
  fingerprint: Fingerprint | null,
): ExchangeBody => ({
  enrollment_token: token.reveal(),
  csr_pem: makeCsr(loadOrMakeKey(dataDir).privateKey),
  nonce: newNonce(),
  agent_class: agentClass,
  ...(fingerprint !== null && { hardware_fingerprint: fingerprint.value, fingerprint_source: fingerprint.source }),
  hostname: host.hostname,
  os_family: host.osFamily,
  ...(host.osVersion !== null && { os_version: host.osVersion }),
  architecture: archs[arch()] ?? arch(),
  agent_version: agentVersion,
  capabilities: [...CAPABILITIES],
})

/** Another nonce each time. */
export const exchangeBody = async (needs: ExchangeNeeds, token: Secret): Promise<ExchangeBody> =>
  bodyOf(needs, token, await fingerprintKept(needs))

/** What an identity cannot do without; other servers may say more, less, or in another form. */
const Granted = z.object({
  agent_id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  service_account_token: z.string().min(1),
  service_account_token_expires_at: z.string().optional(),
  certificate_pem: z.string().optional(),
  certificate_chain_pem: z.string().optional(),
  tenant_id: z.string().optional(),
  heartbeat_interval_seconds: z.unknown().optional(),
})

/** Leaf first, then what is above it; null where the server gave none. Throws for a certificate of another key. */
export const certificateIn = (
  said: { readonly certificate_pem?: string | undefined; readonly certificate_chain_pem?: string | undefined },
  key: DeviceKey,
): string | null => {
  const pem = said.certificate_pem?.trim() ?? ''
  if (pem === '') return null
  const leaf = new X509Certificate(pem)
  if (!leaf.checkPrivateKey(key.privateKey)) throw new Error('the server sent a certificate for another key')
  const chain = said.certificate_chain_pem?.trim() ?? ''
  return `${[leaf.toString().trim(), ...(chain === '' ? [] : [chain])].join('\n')}\n`
}

/** Certificate, then identity, both on the disk before this returns; throws when the answer cannot be used. */
export const keepGranted = (needs: ExchangeNeeds, body: Readonly<Record<string, unknown>>): Identity => {
  const granted = Granted.parse(body)
  const certificate = certificateIn(granted, loadOrMakeKey(needs.dataDir))
  const identity: Identity = {
    server: needs.server,
    agentId: granted.agent_id,
    tenantId: granted.tenant_id ?? null,
    serviceAccountToken: new Secret(granted.service_account_token),
    serviceAccountTokenExpiresAt: granted.service_account_token_expires_at ?? null,
    heartbeatIntervalSeconds: intervalOf(granted.heartbeat_interval_seconds, needs.intervalSeconds),
    enrolledAt: toIso(needs.nowMs()),
  }
  makeLaneFolder(needs.dataDir)
  if (certificate !== null) writeCertificate(needs.dataDir, certificate)
  writeIdentity(needs.dataDir, identity)
  return identity
}
