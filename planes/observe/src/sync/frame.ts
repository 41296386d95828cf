// The frame around a batch: bytes to a request that is well formed, of a version we serve, and about its speaker.
// The events inside are read one by one in candidate.ts and never refuse the batch.
import { type BodyOf, SyncRequest, type sync } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'

export type SyncBody = BodyOf<typeof sync>

export interface FrameSpeaker {
  readonly tenantId: string
  readonly deviceId: string
}

export type FrameRefusal = 'request_malformed' | 'identity_mismatch' | 'schema_version_unsupported'

/** Batches beyond this are decided up to here; the rest stays undecided and comes again (sensor-protocol 12). */
export const maxDecidedEvents = 5000

const textDecoder = new TextDecoder('utf-8', { fatal: true })

export const readFrame = (body: Uint8Array, speaker: FrameSpeaker): Result<SyncBody, FrameRefusal> => {
  const said = parse(body)
  if (!said.ok) return said
  const { tenantId, deviceId, schemaVersion } = said.value
  if (deviceId !== speaker.deviceId || (tenantId !== undefined && tenantId !== speaker.tenantId))
    return refuse('identity_mismatch')
  if (schemaVersion !== 1) return refuse('schema_version_unsupported', 'Only schemaVersion 1 is served.')
  return said
}

const parse = (body: Uint8Array): Result<SyncBody, 'request_malformed'> => {
  let value: unknown
  try {
    value = JSON.parse(textDecoder.decode(body))
  } catch {
    return refuse('request_malformed', 'The body is not JSON in UTF-8.')
  }
  const checked = SyncRequest.safeParse(value)
  if (checked.success) return ok(checked.data)
  return refuse(
    'request_malformed',
    undefined,
    checked.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      code: issue.code,
      message: issue.message,
    })),
  )
}
