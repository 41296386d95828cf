// Saved views of the operator who asks.
// Whose they are and how many there may be is identity's.
import { deleteSavedView, listSavedViews, saveView } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Identity, KnownOperator } from '@muster/identity'
import { ok } from '@muster/kernel'
import { by } from './operator.ts'

export const serveSavedViews = ({ savedViews }: Pick<Identity, 'savedViews'>): readonly Served<KnownOperator>[] => [
  serve<typeof listSavedViews, KnownOperator>(listSavedViews, async ({ speaker, query }) =>
    ok({ items: [...(await savedViews.list(speaker, query.page))] }),
  ),
  serve<typeof saveView, KnownOperator>(saveView, (said) => savedViews.save(by(said), said.speaker, said.body)),
  serve<typeof deleteSavedView, KnownOperator>(deleteSavedView, (said) =>
    savedViews.remove(by(said), said.speaker, said.params.id),
  ),
]
