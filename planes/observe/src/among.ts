// The condition that a row belongs to one of these devices, or has one of these numbers, however many there are.
// Which devices somebody sees is identity's.
import { type Db, engineOf } from '@muster/storage'
import { type RawBuilder, sql } from 'kysely'

/** Up to so many numbers are written into the statement, where the planner sees how few they are. */
const fewNos = 100

/** `column`: a number of a device, with its relation where there are several. */
export const amongDevices = (db: Db, column: string, deviceNos: readonly number[]): RawBuilder<boolean> => {
  if (deviceNos.length === 0) return sql`1 = 0`
  const device = sql.ref(column)
  if (deviceNos.length <= fewNos) return sql`${device} in (${sql.join(deviceNos.map((no) => sql.lit(no)))})`
  return amongListed(db, column, deviceNos)
}

/** The same as one parameter, so that the statement is the same however many there are. */
export const amongListed = (db: Db, column: string, numbers: readonly number[]): RawBuilder<boolean> => {
  const number = sql.ref(column)
  const list = JSON.stringify(numbers)
  return engineOf(db) === 'sqlite'
    ? sql`${number} in (select value from json_each(${list}))`
    : sql`${number} in (select value::bigint from json_array_elements_text(${list}::text::json))`
}
