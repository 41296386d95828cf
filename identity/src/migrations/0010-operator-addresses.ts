// From which addresses each operator was heard, so that a new one can be told from those known (fleet-product 11).
// What counts as one address is operators/networks.ts.
import { columnTypes, type Migration } from '@muster/storage'
import { sql } from 'kysely'

export const operatorAddresses: Migration = {
  name: '0010-operator-addresses',
  async up(db, engine) {
    const { int, text } = columnTypes(engine)
    await sql`create table identity_operator_address (
      tenant_id ${text} not null,
      operator_id ${text} not null,
      address ${text} not null,
      first_used_ms ${int} not null,
      primary key (tenant_id, operator_id, address)
    )`.execute(db)
  },
}
