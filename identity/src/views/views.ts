// Saved views: addresses of pages that an operator keeps under names, wherever they sign in.
// They are the operator's own; nobody else lists, replaces or deletes them.
import { type BodyOf, ID_PREFIX, type SavedView, type saveView } from '@muster/contract'
import { newId, ok, type Result, refuse, toIso } from '@muster/kernel'
import type { Kysely } from 'kysely'
import type { By, KnownOperator } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import { cleanText } from '../texts.ts'
import type { TakeTurn } from '../turns.ts'
import { decideSave } from './decide.ts'
import { deleteViewRow, listViewRows, upsertView, type ViewOwner, type ViewRow } from './store.ts'

type Owner = Pick<KnownOperator, 'tenantId' | 'operatorId'>

export interface SavedViews {
  /** By page and name; all pages unless one is named. */
  list(owner: Owner, page?: string): Promise<readonly SavedView[]>
  /** The view of that page and name is replaced. */
  save(by: By, owner: Owner, body: BodyOf<typeof saveView>): Promise<Result<SavedView, 'state_conflict'>>
  remove(by: By, owner: Owner, viewId: string): Promise<Result<{ id: string }, 'not_found'>>
}

export interface ViewNeeds {
  readonly db: Kysely<IdentityTables>
  readonly takeTurn: TakeTurn
}

const toView = ({ view_id, page, name, query, saved_ms }: ViewRow): SavedView => ({
  id: view_id,
  page,
  name,
  query,
  savedAt: toIso(saved_ms),
})

const ownerOf = ({ tenantId, operatorId }: Owner): ViewOwner => ({ tenantId, operatorId })

export const createSavedViews = ({ db, takeTurn }: ViewNeeds): SavedViews => ({
  list: async (owner, page) => (await listViewRows(db, ownerOf(owner), page)).map(toView),
  save: (by, owner, body) =>
    takeTurn(async (turn) => {
      const name = cleanText(body.name)
      const { tenantId, operatorId } = owner
      const held = await listViewRows(turn.tx, ownerOf(owner), undefined)
      const isNew = !held.some((row) => row.page === body.page && row.name === name)
      const decided = decideSave(held.length, isNew)
      if (!decided.ok) return decided
      const row = await upsertView(turn.tx, {
        view_id: newId(ID_PREFIX.savedView),
        tenant_id: tenantId,
        operator_id: operatorId,
        page: body.page,
        name,
        query: cleanText(body.query),
        saved_ms: turn.nowMs,
      })
      const target = { type: 'saved_view', id: row.view_id }
      turn.record({ by, tenantId, action: 'saved_view.saved', target, details: { page: row.page, name } })
      return ok(toView(row))
    }),
  remove: (by, owner, viewId) =>
    takeTurn(async (turn) => {
      const row = await deleteViewRow(turn.tx, ownerOf(owner), viewId)
      if (row === undefined) return refuse('not_found')
      const target = { type: 'saved_view', id: viewId }
      const details = { page: row.page, name: row.name }
      turn.record({ by, tenantId: owner.tenantId, action: 'saved_view.deleted', target, details })
      return ok({ id: viewId })
    }),
})
