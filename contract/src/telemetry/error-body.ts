// How refusals are said on the telemetry wire: its own spelling of codes, keys in snake_case, names of fields alone.
// Which refusal applies is a room's to say, in the words of refusals.ts.
import * as z from 'zod'
import { REFUSALS, type RefusalCode } from '../refusals.ts'

export const TelemetryErrorBody = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    request_id: z.string(),
    /** Names of what was wrong, never its values. */
    fields: z.array(z.string()).optional(),
  }),
})
export type TelemetryErrorBody = z.infer<typeof TelemetryErrorBody>

interface Spelling {
  readonly code: string
  readonly status: number
}

// An agent stops for good on 401 and 403, so whatever is our own fault is 503 here, a defect too (telemetry 11, 14).
const unavailable: Spelling = { code: 'unavailable', status: 503 }

const spellings: Partial<Record<RefusalCode, Spelling>> = {
  request_malformed: { code: 'malformed_request', status: 400 },
  credential_missing: { code: 'missing_credential', status: 401 },
  credential_invalid: { code: 'invalid_credential', status: 401 },
  enrollment_refused: { code: 'enrollment_rejected', status: 401 },
  body_too_large: { code: 'request_too_large', status: 413 },
  encoding_unsupported: { code: 'unsupported_media_type', status: 415 },
  media_type_unsupported: { code: 'unsupported_media_type', status: 415 },
  heartbeat_invalid: { code: 'invalid_heartbeat', status: 422 },
  internal_error: unavailable,
  authority_unavailable: unavailable,
  store_busy: unavailable,
  shutting_down: unavailable,
}

/** The code and the status an agent or an operator of the telemetry wire sees for a refusal of the house. */
export const telemetrySpelling = (code: RefusalCode): Spelling =>
  spellings[code] ?? { code, status: REFUSALS[code].status }
