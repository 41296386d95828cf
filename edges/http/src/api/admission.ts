// What the head of an operator's request alone decides: who asks, whether they may, and how often.
// Who operators are and what roles allow comes from outside; the body has not been read yet.
import type { IncomingHttpHeaders } from 'node:http'
import type { Capability, RefusalCode, Route } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'
import { isEncoded } from '../admit.ts'
import type { Rate } from './rate.ts'
import { isForeign } from './session-cookie.ts'

/** Who operators are; asked once per request. */
export interface Doorkeeper<O> {
  /** `isWrite`: a browser's session has to show more than its cookie for this. */
  identifyOperator(
    headers: IncomingHttpHeaders,
    ip: string,
    isWrite: boolean,
  ): Result<O, RefusalCode> | Promise<Result<O, RefusalCode>>
  mayOperator(operator: O, capability: Capability): boolean
  /** What rates and idempotency keys are counted by: the id of the operator's token. */
  keyOf(operator: O): string
}

/** A device certificate that knocked at an operator route, for the audit. */
export interface DeviceKnock {
  readonly fingerprint256Hex: string
  readonly ip: string
  readonly requestId: string
}

export interface Head {
  readonly headers: IncomingHttpHeaders
  readonly ip: string
  readonly requestId: string
  readonly deviceFingerprint: string | undefined
}

export interface AdmissionNeeds<O> {
  readonly doorkeeper: Doorkeeper<O>
  readonly rate: Rate
  readonly onDeviceCredential: (knock: DeviceKnock) => void
}

/** What a form or a script of another site could send with a browser's cookie; links of others carry none. */
const isWrite = ({ method }: Route): boolean => method !== 'GET'

const checkOperator = async <O>(
  needs: AdmissionNeeds<O>,
  route: Route,
  head: Head,
): Promise<Result<O, RefusalCode>> => {
  const { doorkeeper, rate } = needs
  const known = await doorkeeper.identifyOperator(head.headers, head.ip, isWrite(route))
  if (!known.ok) return known
  if (!rate.take(doorkeeper.keyOf(known.value))) return refuse('rate_limited')
  if (route.may !== undefined && !doorkeeper.mayOperator(known.value, route.may)) return refuse('role_insufficient')
  return known
}

/** The operator, or `undefined` on routes for anyone. */
export const admitHead = async <O>(
  needs: AdmissionNeeds<O>,
  route: Route,
  head: Head,
): Promise<Result<O | undefined, RefusalCode>> => {
  if (isEncoded(head.headers)) return refuse('encoding_unsupported')
  if (isWrite(route) && isForeign(head.headers)) return refuse('request_forged')
  if (route.speaker !== 'operator') return ok(undefined)
  if (head.deviceFingerprint === undefined || head.headers.authorization !== undefined) {
    return checkOperator(needs, route, head)
  }
  needs.onDeviceCredential({ fingerprint256Hex: head.deviceFingerprint, ip: head.ip, requestId: head.requestId })
  return refuse('device_credential_refused')
}
