// Paging through a list by the key of its last item, so that a list may change while it is read.
// Which key orders which list is each feature's.
import { ok, type Result, refuse } from './result.ts'

export interface PageQuery {
  readonly limit?: string | undefined
  readonly cursor?: string | undefined
}

interface PartOf {
  string: string
  number: number
}
type Parts<Types extends readonly (keyof PartOf)[]> = { -readonly [Index in keyof Types]: PartOf[Types[Index]] }

export interface Page<After> {
  readonly limit: number
  /** The key to continue after; undefined on the first page. */
  readonly after: After | undefined
}

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}

/** 50 items unless told; a cursor that is not one of ours is a malformed request. */
export const readPage = <const Types extends readonly (keyof PartOf)[]>(
  query: PageQuery,
  types: Types,
): Result<Page<Parts<Types>>, 'request_malformed'> => {
  const limit = Number(query.limit ?? 50)
  if (query.cursor === undefined) return ok({ limit, after: undefined })
  const parts = parse(query.cursor)
  const fits =
    Array.isArray(parts) && parts.length === types.length && types.every((type, index) => typeof parts[index] === type)
  return fits
    ? ok({ limit, after: parts as unknown as Parts<Types> })
    : refuse('request_malformed', 'The cursor is not one of ours.')
}

/** The key to continue after, as `readPage` takes it. */
export const toCursor = (key: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url')

/**
 * From one row more than asked for: the page, and the cursor of its last row if there is more. `continueAt` says where
 * to go on when the rows ran out before the list did.
 */
export const cutPage = <Row>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => readonly (string | number)[],
  continueAt?: readonly (string | number)[],
): { readonly rows: readonly Row[]; readonly nextCursor: string | null } => {
  const last = rows[limit - 1]
  if (rows.length > limit && last !== undefined)
    return { rows: rows.slice(0, limit), nextCursor: toCursor(keyOf(last)) }
  return { rows, nextCursor: continueAt === undefined ? null : toCursor(continueAt) }
}
