// Reads of rarity: on how many devices a coordinate is, told by the first and the last of them, and where it is.
// Who may see what of it is rarity.ts.
import type { Db } from '@muster/storage'
import { sql } from 'kysely'
import { amongDevices } from '../among.ts'
import { isStillHeld } from '../holdings/store.ts'

export interface Coordinate {
  readonly ecosystem: string
  readonly name: string
  /** Empty where the source declares none. */
  readonly version: string
}

export interface HeldCoordinate extends Coordinate {
  /** Null where nobody has it any more. */
  readonly first_no: number | null
  readonly last_no: number | null
}

export interface RarityQuery {
  readonly tenantId: string
  readonly ecosystem: string | undefined
  readonly after: Coordinate
  readonly limit: number
  /** Undefined for the whole tenant. */
  readonly seenNos: readonly number[] | undefined
}

/** In order, after that one. The index from contents to devices is in the order of both, so each end is one look-up. */
export const loadHeld = async (
  db: Db,
  { tenantId, ecosystem, after, limit, seenNos }: RarityQuery,
): Promise<readonly HeldCoordinate[]> => {
  const seen = seenNos === undefined ? sql`` : sql`and ${amongDevices(db, 'holding.device_no', seenNos)}`
  const end = (of: 'min' | 'max') => sql`(select ${sql.raw(of)}(holding.device_no) from observe_holding as holding
    where holding.content_no = coordinate.content_no ${seen})`
  const { rows } = await sql<HeldCoordinate>`select ecosystem, name, version,
      min(${end('min')}) as first_no, max(${end('max')}) as last_no
    from observe_coordinate as coordinate where tenant_id = ${tenantId}
    and (ecosystem, name, version) > (${after.ecosystem}, ${after.name}, ${after.version})
    ${ecosystem === undefined ? sql`` : sql`and ecosystem = ${ecosystem}`}
    group by ecosystem, name, version order by ecosystem, name, version limit ${limit}`.execute(db)
  return rows
}

export interface HeldPlace {
  /** Which of those asked for. */
  readonly at: number
  readonly path: string
  readonly surface: string
  readonly from_ms: number
  readonly from_baseline: number
}

/** Every place of these coordinates on the device beside each, longest there first. */
export const loadPlaces = async (
  db: Db,
  tenantId: string,
  asked: readonly (Coordinate & { readonly deviceNo: number })[],
): Promise<readonly HeldPlace[]> => {
  if (asked.length === 0) return []
  const values = sql.join(
    asked.map(
      ({ ecosystem, name, version, deviceNo }, at) =>
        sql`(${sql.lit(at)}, cast(${ecosystem} as text), cast(${name} as text), cast(${version} as text), ${sql.lit(deviceNo)})`,
    ),
  )
  const { rows } = await sql<HeldPlace>`select asked.column1 as at, place.path, content.surface, held.from_ms,
      held.from_baseline
    from (values ${values}) as asked
    join observe_coordinate as coordinate on coordinate.tenant_id = ${tenantId}
      and coordinate.ecosystem = asked.column2 and coordinate.name = asked.column3
      and coordinate.version = asked.column4
    join observe_holding as holding on holding.content_no = coordinate.content_no
      and holding.device_no = asked.column5
    join observe_present as held on ${isStillHeld}
    join observe_path as place on place.path_no = held.path_no
    join observe_content as content on content.content_no = held.content_no
    order by held.from_ms, place.path`.execute(db)
  return rows
}
