// Who can be speaking: a known device, a known operator, and on whose behalf a change is made.
// How a credential leads to one of them is in directory/ and operators/.
import type { AuditStatement, Capability, DeviceStatus, Role } from '@muster/contract'
import type { Bounds } from './bounds.ts'

export interface KnownDevice {
  readonly deviceNo: number
  readonly deviceId: string
  readonly tenantId: string
  readonly status: DeviceStatus
  readonly enrolledMs: number
  /** Ids of devices merged into this one; events may still name them (sensor-protocol 10.5). */
  readonly formerDeviceIds: readonly string[]
  /** Groups by explicit membership or by tag, ascending. */
  readonly groupNos: readonly number[]
  readonly sensorVersion: string
  readonly osVersion: string
  /** From when on its newest certificate is near its end; null when it has none that counts. */
  readonly renewFromMs: number | null
}

/** The browser session a request came with. */
export interface KnownSession {
  readonly sessionNo: number
  readonly sessionId: string
  readonly csrfToken: string
  readonly expiresMs: number
}

/** The groups it is bound to, if any, limit what it sees; roles and scopes limit what it does. */
export interface KnownOperator extends Bounds {
  readonly operatorId: string
  /** Null when the credential is not a token of the database. */
  readonly tokenId: string | null
  readonly name: string
  readonly role: Role
  /** What the credential is limited to within its role; null for all of it. */
  readonly scopes: readonly Capability[] | null
  readonly expiresMs: number | null
  /** Absent when the credential came with the request itself. */
  readonly session?: KnownSession
}

/** On whose behalf, and within which request, something is changed; goes into the audit history as it is. */
export interface By {
  readonly actor: AuditStatement['actor']
  readonly requestId: string
}

export const bySystem = (requestId: string): By => ({ actor: { type: 'system', id: 'muster-server' }, requestId })

export const byOperator = (operator: KnownOperator, ip: string, requestId: string): By => ({
  actor: { type: 'operator', id: operator.operatorId, displayName: operator.name, ip },
  requestId,
})
