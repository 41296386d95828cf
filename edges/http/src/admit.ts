// From bytes to checked values: UTF-8, JSON, then the schemas of the route.
// It judges form only; what the values mean is for the rules of a room.
import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders } from 'node:http'
import type { RefusalCode, Route } from '@muster/contract'
import { type FieldFault, ok, type Refused, type Result, refuse } from '@muster/kernel'
import type { z } from 'zod'

const faultsShown = 20

export const malformed = (detail: string, fields?: readonly FieldFault[]): Refused<'request_malformed'> =>
  refuse('request_malformed', detail, fields)

/** A compressed body could grow without bounds when opened, so none is taken. */
export const isEncoded = (headers: IncomingHttpHeaders): boolean => {
  const encoding = headers['content-encoding']
  return encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity'
}

/** Parses one JSON document; nothing at all is `undefined`, which most schemas then refuse by name. */
export const decodeJson = (bytes: Buffer): Result<unknown, RefusalCode> => {
  if (bytes.length === 0) return ok(undefined)
  if (!isUtf8(bytes)) return malformed('The body is not valid UTF-8.')
  try {
    return ok(JSON.parse(bytes.toString('utf8')))
  } catch {
    // The parser's own message would quote the body back to its sender and into logs.
    return malformed('The body is not valid JSON.')
  }
}

const faultsOf = (where: string, error: z.ZodError): FieldFault[] =>
  error.issues.slice(0, faultsShown).map((issue) => ({
    path: [where, ...issue.path.map(String)].join('.'),
    code: issue.code,
    message: issue.message,
  }))

/** Checks `value` against the schema and names every input that does not fit, up to twenty. */
export const checkShape = (
  schema: z.ZodType | undefined,
  where: 'params' | 'query' | 'body',
  value: unknown,
): Result<unknown, RefusalCode> => {
  if (schema === undefined) return ok(undefined)
  const parsed = schema.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const fields = faultsOf(where, parsed.error)
  return malformed(fields.map(({ path, message }) => `${path}: ${message}.`).join(' '), fields)
}

/** A copy with a buffer of its own: what a listener reads into is often a view on a buffer that others share. */
export const ownedBytes = (pieces: readonly Uint8Array[], byteCount: number): Uint8Array<ArrayBuffer> => {
  // Not from the shared pool, so it can be transferred; not zeroed either, as every byte is written.
  const whole = Buffer.allocUnsafeSlow(byteCount)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** A body that came in one piece, as small ones do, is taken where it lies. */
const inOne = (pieces: readonly Buffer[]): Buffer => {
  const only = pieces[0]
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces)
}

/** The body as its route wants it: nothing, bytes that can be transferred, a view of them, or a checked value. */
export const admitBody = (route: Route, pieces: readonly Buffer[], byteCount: number): Result<unknown, RefusalCode> => {
  if (route.bodyForm === 'view') return ok(inOne(pieces))
  if (route.bodyForm === 'bytes') return ok(ownedBytes(pieces, byteCount))
  if (route.body === undefined) return ok(undefined)
  const decoded = decodeJson(inOne(pieces))
  if (!decoded.ok) return decoded
  const checked = checkShape(route.body, 'body', decoded.value)
  if (checked.ok || route.dialect === 'house') return checked
  return refuse('request_invalid', undefined, checked.refusal.fields)
}
