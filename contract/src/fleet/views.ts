// Saved views: a page of the dashboard as an operator wants to find it again, under a name of their own.
// What the address of a page means is the dashboard's.
import { z } from 'zod'
import { declare } from '../route.ts'
import { ById, fleetPrefix, Label, Time } from './shapes.ts'

/** Views one operator keeps at most. */
export const MOST_SAVED_VIEWS = 200

const PageName = z.string().regex(/^[a-z][a-z-]{0,31}$/, 'the name of a page, in lower case')

export const SavedView = z.strictObject({
  id: z.string(),
  page: PageName,
  name: z.string(),
  /** What follows the question mark of the address, such as `liveness=dormant&sort=name`; may be empty. */
  query: z.string(),
  savedAt: Time,
})
export type SavedView = z.infer<typeof SavedView>

export const listSavedViews = declare({
  method: 'GET',
  path: `${fleetPrefix}/saved-views`,
  summary: 'The own saved views, by page and name.',
  speaker: 'operator',
  may: 'self:read',
  query: z.strictObject({ page: PageName.optional() }),
  reply: z.strictObject({ items: z.array(SavedView) }),
  refusals: [],
})

export const saveView = declare({
  method: 'PUT',
  path: `${fleetPrefix}/saved-views`,
  summary: 'Keep an address of a page under a name; the own view of that page and name is replaced.',
  speaker: 'operator',
  may: 'self:read',
  body: z.strictObject({ page: PageName, name: Label, query: z.string().max(2048) }),
  reply: SavedView,
  refusals: ['state_conflict'],
})

export const deleteSavedView = declare({
  method: 'DELETE',
  path: `${fleetPrefix}/saved-views/{id}`,
  summary: 'Forget one of the own saved views.',
  speaker: 'operator',
  may: 'self:read',
  params: ById,
  reply: z.strictObject({ id: z.string() }),
  refusals: ['not_found'],
})
