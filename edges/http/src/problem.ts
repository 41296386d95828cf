// The one place that turns a refusal into a status, headers and a body, in the words of the wire it goes to.
// Which codes exist, and what they mean, is the contract's; which one applies is the rooms'.
import { type Dialect, REFUSALS, type RefusalCode, type TelemetryErrorBody, telemetrySpelling } from '@muster/contract'
import type { Refusal } from '@muster/kernel'

export const jsonType = 'application/json; charset=utf-8'

export interface Problem {
  readonly status: number
  readonly body: string
  readonly retryAfterSeconds: number | undefined
}

/** How long a caller should wait; a rate of 600 a minute has room again within a second (fleet-product 12). */
const retryAfterSeconds: Partial<Record<RefusalCode, number>> = { rate_limited: 1, store_busy: 2, shutting_down: 5 }

const sentenceOf = ({ code, detail }: Refusal<RefusalCode>): string => {
  const { sentence } = REFUSALS[code]
  return detail === undefined ? sentence : `${sentence} ${detail}`
}

/** The error envelope of fleet-product 12, also used towards sensors, which never read it (sensor-protocol 18.5). */
const houseProblem = (refusal: Refusal<RefusalCode>, requestId: string): Problem => {
  const { code, fields } = refusal
  const error = { code, message: sentenceOf(refusal), requestId, ...(fields && { fields }) }
  return {
    status: REFUSALS[code].status,
    body: JSON.stringify({ error }),
    retryAfterSeconds: retryAfterSeconds[code],
  }
}

/** The rate of heartbeats has room again after ten seconds; a crowd sent away must not come back at once (telemetry 20). */
const telemetryWaitSeconds = (status: number): number | undefined => {
  if (status === 429) return 10
  return status === 503 ? 30 + Math.floor(Math.random() * 91) : undefined
}

/** Names of what was wrong, as the sender spelled them; never a value, so never a detail that might quote one. */
const namesOf = (fields: NonNullable<Refusal['fields']>): string[] => [
  ...new Set(fields.map(({ path }) => path.replace(/^(?:body|query|params)\./, ''))),
]

const telemetryProblem = ({ code, fields }: Refusal<RefusalCode>, requestId: string): Problem => {
  const spelled = telemetrySpelling(code)
  const message = spelled.code === 'unavailable' ? 'Not now; try again later.' : REFUSALS[code].sentence
  const error = { code: spelled.code, message, request_id: requestId, ...(fields && { fields: namesOf(fields) }) }
  return {
    status: spelled.status,
    body: JSON.stringify({ error } satisfies TelemetryErrorBody),
    retryAfterSeconds: telemetryWaitSeconds(spelled.status),
  }
}

const problems: Record<Dialect, typeof houseProblem> = { house: houseProblem, telemetry: telemetryProblem }

export const problemOf = (refusal: Refusal<RefusalCode>, requestId: string, dialect: Dialect = 'house'): Problem =>
  problems[dialect](refusal, requestId)

/**
 * Names the refusal for a fault that passes by waiting, such as a database that is away; every other fault is a defect.
 * Asked once per fault, so that handlers and identities need no `catch` of their own.
 */
export type ExcuseOf = (fault: unknown) => RefusalCode | undefined

/** What the outside learns of a fault: that there was one, and the id under which the log has its causes. */
export const faultRefusal: Refusal<'internal_error'> = { code: 'internal_error' }
