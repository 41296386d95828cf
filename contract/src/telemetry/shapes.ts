// The shapes that telemetry routes have in common: ids, times, paging, and words both sides choose from (telemetry 2).
// What a particular sentence looks like is in the file of that sentence.
import { z } from 'zod'

export const telemetryPrefix = '/api/v1'

/** RFC 3339 UTC with milliseconds. */
export const Instant = z.iso.datetime()
export const InstantOrNull = Instant.nullable()

/** An opaque id with the prefix of its noun (telemetry 2, point 4). */
export const TelemetryId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

export const AGENT_CLASSES = ['endpoint', 'server', 'collector'] as const
export type AgentClass = (typeof AGENT_CLASSES)[number]

/** Words an agent may say of itself; others are kept and mean nothing (telemetry 4.1). */
export const AGENT_CAPABILITIES = ['token_renewal', 'certificate_rotation', 'mtls'] as const
export const Capabilities = z.array(z.string().min(1).max(64)).max(32)

/** As given by the machine, in lower case; the three we know are `windows`, `macos` and `linux`. */
export const OsFamily = z.string().min(1).max(32)
export const Hostname = z.string().min(1).max(253)
export const OsVersion = z.string().max(128)
export const Architecture = z.string().min(1).max(32)
export const AgentVersion = z
  .string()
  .max(64)
  .regex(/^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/, 'a semantic version')

/** Query parameters arrive as text; a list asks for at most 200 items and gets 50 unless told. */
export const TelemetryPaging = {
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|1\d\d|200)$/, 'a whole number from 1 to 200')
    .optional(),
  cursor: z.string().max(512).optional(),
}

export const telemetryListOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), next_cursor: z.string().nullable() })

/** No agent route takes a query; one that is sent is a mistake worth hearing of (telemetry 11). */
export const NoQuery = z.strictObject({})

export const ByAgent = z.strictObject({ agent_id: TelemetryId })
export const ByAsset = z.strictObject({ asset_id: TelemetryId })
