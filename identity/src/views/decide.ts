// Whether an operator may keep one more view. Pure.
// Keeping them is views.ts.
import { MOST_SAVED_VIEWS } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'

/** Replacing a view makes no more of them. */
export const decideSave = (heldCount: number, isNew: boolean): Result<'saved', 'state_conflict'> =>
  isNew && heldCount >= MOST_SAVED_VIEWS
    ? refuse('state_conflict', `There are ${MOST_SAVED_VIEWS} saved views already; delete one first.`)
    : ok('saved')
