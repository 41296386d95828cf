// Pages of policy lists: how many items were asked for, after which one, and what comes next.
// Reading the rows is the stores'.
import { ok, type Result, refuse } from '@muster/kernel'

export interface PageQuery {
  readonly limit?: string | undefined
  readonly cursor?: string | undefined
}

export interface PagePlan<After> {
  readonly limit: number
  readonly after: After | null
}

const usualLimit = 50

/** A cursor of a list ordered by a number or by a name. */
export const planPage = <Kind extends 'number' | 'name'>(
  query: PageQuery,
  kind: Kind,
): Result<PagePlan<Kind extends 'number' ? number : string>, 'request_malformed'> => {
  const limit = query.limit === undefined ? usualLimit : Number(query.limit)
  if (query.cursor === undefined) return ok({ limit, after: null })
  const said = Buffer.from(query.cursor, 'base64url').toString('utf8')
  const after = said.startsWith(`${kind} `) ? said.slice(kind.length + 1) : null
  if (after === null || (kind === 'number' && !/^\d{1,15}$/.test(after)))
    return refuse('request_malformed', 'The cursor is not one that this list gave out.')
  return ok({ limit, after: (kind === 'number' ? Number(after) : after) as Kind extends 'number' ? number : string })
}

/** A page out of rows that were read with one more than the limit. */
export const toPage = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => number | string,
  toItem: (row: Row) => Item,
): { items: Item[]; nextCursor: string | null } => {
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  const key = rows.length > limit && last !== undefined ? keyOf(last) : null
  return {
    items: kept.map(toItem),
    nextCursor:
      key === null ? null : Buffer.from(`${typeof key === 'number' ? 'number' : 'name'} ${key}`).toString('base64url'),
  }
}
