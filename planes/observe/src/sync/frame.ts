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

/** Bodies up to here are parsed unseen: even the densest takes some tens of milliseconds. */
const unseenBytes = 512 * 1024

/** Room for as many events as are decided, with more members each than any agent sends. */
const maxPieces = 16 * maxDecidedEvents

const [comma, bracket, brace] = [0x2c, 0x5b, 0x7b]

/**
 * Whether a large body holds more values than any batch needs. Sixteen megabytes of nothing but brackets would keep
 * everybody waiting for seconds. Those in texts count too, which is quicker than telling them apart.
 */
const isTooDense = (body: Uint8Array): boolean => {
  if (body.length <= unseenBytes) return false
  let pieces = 0
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at]
    if ((byte === comma || byte === bracket || byte === brace) && ++pieces > maxPieces) return true
  }
  return false
}

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
  if (isTooDense(body)) return refuse('request_malformed', 'The body holds more values than a batch has.')
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
