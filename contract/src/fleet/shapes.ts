// The shapes that fleet routes have in common: lists, times and paging (fleet-product 12).
// What a particular noun looks like is in the file of that noun.
import { z } from 'zod'
import { EXPORT_FORMATS } from '../csv.ts'

export const fleetPrefix = '/api/fleet/v1'

/** RFC 3339 UTC with milliseconds. */
export const Time = z.iso.datetime()
export const TimeOrNull = Time.nullable()

/** Query parameters arrive as text; a list asks for at most 200 items and gets 50 unless told. */
export const Paging = {
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|1\d\d|200)$/, 'a whole number from 1 to 200')
    .optional(),
  cursor: z.string().max(512).optional(),
}

/** How an export is told: a JSON object a line unless said otherwise. */
export const ExportFormatAsked = z.enum(EXPORT_FORMATS).optional()

export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() })

export const ById = z.strictObject({ id: z.string().min(1).max(128) })

export const Label = z.string().trim().min(1).max(128)
export const Tag = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*(?:=[A-Za-z0-9._/ -]*)?$/, 'key or key=value')
export const Tags = z.array(Tag).max(64)
