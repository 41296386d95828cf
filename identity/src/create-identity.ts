// Puts the room together from its needs; built once, in an app's wire.ts.
// No rule lives here: each feature folder holds its own.
import type { AuditStatement } from '@muster/contract'
import type { Clock, Log, Secret } from '@muster/kernel'
import type { Storage, Tx } from '@muster/storage'
import type { Authority } from './authority/authority.ts'
import type { ServerCertificate, ServerCertificateSource } from './authority/server-certificate.ts'
import type { Devices } from './devices/devices.ts'
import type { Directory, IdentifyDevice } from './directory/directory.ts'
import type { Enroll } from './enroll/enroll.ts'
import type { Groups } from './groups/groups.ts'
import type { OperatorAuth } from './operators/auth.ts'
import type { Operators } from './operators/operators.ts'
import type { EnrollmentTokens } from './tokens/tokens.ts'

export interface IdentityNeeds {
  readonly storage: Storage
  /** Appends to the audit history in the same transaction as what is recorded. */
  readonly audit: (tx: Tx, statements: readonly AuditStatement[]) => Promise<unknown>
  readonly clock: Clock
  readonly log: Log
  readonly dataDir: string
  /** Seals the authority's key file; without it the file is protected by its mode alone. */
  readonly caPassphrase?: Secret
  readonly operatorAuth: OperatorAuth
  readonly deviceAuth: DeviceAuth
  /** The address devices are told to use, for the agent file of a token. */
  readonly gatewayUrl: () => string
  readonly settings?: Partial<IdentitySettings>
}

export type DeviceAuth = { readonly kind: 'mtls' } | { readonly kind: 'token'; readonly sensorToken: Secret }

export interface IdentitySettings {
  /** Sensors cannot renew (sensor-protocol D8), so their certificates live long. */
  readonly deviceCertificateDays: number
  readonly authorityDays: number
  /** How often the directory looks for changes other processes made. */
  readonly refreshMs: number
}

export interface RefusalNote {
  readonly tenantId: string
  readonly actor: AuditStatement['actor']
  /** What was tried, such as the route's method and path. */
  readonly attempted: string
  readonly code: string
  readonly requestId: string
}

export interface Identity {
  readonly enroll: Enroll
  readonly directory: Directory
  readonly identifyDevice: IdentifyDevice
  /** Notes that a device was heard, and what it said of itself; written within a second, many devices at once. */
  touch(deviceNo: number, atMs: number, said?: { readonly sensorVersion?: string; readonly osVersion?: string }): void
  readonly tokens: EnrollmentTokens
  readonly devices: Devices
  readonly groups: Groups
  readonly operators: Operators
  readonly authority: Authority
  serverCertificate(source: ServerCertificateSource): Promise<ServerCertificate>
  /** A refused authorisation for the audit history: one entry a minute per actor and attempt, with a count. */
  noteRefusal(note: RefusalNote): void
  /** Writes what is still in memory and stops every timer. */
  close(): Promise<void>
}

export type CreateIdentity = (needs: IdentityNeeds) => Promise<Identity>
