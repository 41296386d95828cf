// The one place that turns a refusal into a status, headers and a body.
// Which codes exist, and what they mean, is the contract's; which one applies is the rooms'.
import { REFUSALS, type RefusalCode } from '@muster/contract'
import type { Refusal } from '@muster/kernel'

export const jsonType = 'application/json; charset=utf-8'

export interface Problem {
  readonly status: number
  readonly body: string
  readonly retryAfterSeconds: number | undefined
}

/** How long a caller should wait; a rate of 600 a minute has room again within a second (fleet-product 12). */
const retryAfterSeconds: Partial<Record<RefusalCode, number>> = { rate_limited: 1, store_busy: 2, shutting_down: 5 }

/** The error envelope of fleet-product 12, also used towards sensors, which never read it (sensor-protocol 18.5). */
export const problemOf = (refusal: Refusal<RefusalCode>, requestId: string): Problem => {
  const { status, sentence } = REFUSALS[refusal.code]
  const message = refusal.detail === undefined ? sentence : `${sentence} ${refusal.detail}`
  const error = { code: refusal.code, message, requestId, ...(refusal.fields && { fields: refusal.fields }) }
  return { status, body: JSON.stringify({ error }), retryAfterSeconds: retryAfterSeconds[refusal.code] }
}

/**
 * Names the refusal for a fault that passes by waiting, such as a database that is away; every other fault is a defect.
 * Asked once per fault, so that handlers and identities need no `catch` of their own.
 */
export type ExcuseOf = (fault: unknown) => RefusalCode | undefined

/** What the outside learns of a fault: that there was one, and the id under which the log has its causes. */
export const faultRefusal: Refusal<'internal_error'> = { code: 'internal_error' }
