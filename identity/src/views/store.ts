// Rows of identity_saved_view; every query names the tenant and the operator whose views they are.
// What a view means is the dashboard's.
import type { Insertable, Kysely, Selectable } from 'kysely'
import type { IdentityTables } from '../tables.ts'

type Db = Kysely<IdentityTables>
type Table = IdentityTables['identity_saved_view']
export type ViewRow = Selectable<Table>

export interface ViewOwner {
  readonly tenantId: string
  readonly operatorId: string
}

const viewsOf = (db: Db, { tenantId, operatorId }: ViewOwner) =>
  db
    .selectFrom('identity_saved_view')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('operator_id', '=', operatorId)

export const listViewRows = (db: Db, owner: ViewOwner, page: string | undefined): Promise<readonly ViewRow[]> =>
  viewsOf(db, owner)
    .$if(page !== undefined, (query) => query.where('page', '=', page ?? ''))
    .orderBy('page')
    .orderBy('name')
    .execute()

/** Keeps the id of the view that it replaces. */
export const upsertView = (tx: Db, row: Insertable<Table>): Promise<ViewRow> =>
  tx
    .insertInto('identity_saved_view')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'operator_id', 'page', 'name'])
        .doUpdateSet({ query: row.query, saved_ms: row.saved_ms }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()

export const deleteViewRow = async (tx: Db, owner: ViewOwner, viewId: string): Promise<ViewRow | undefined> => {
  const { tenantId, operatorId } = owner
  return tx
    .deleteFrom('identity_saved_view')
    .where('tenant_id', '=', tenantId)
    .where('operator_id', '=', operatorId)
    .where('view_id', '=', viewId)
    .returningAll()
    .executeTakeFirst()
}
