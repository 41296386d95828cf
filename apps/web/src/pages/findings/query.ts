// What the queue of findings asks: the findings of a view, one that is open, and how many are open altogether.
// Which view an address is, is decide.ts.
import { queryOptions } from '@tanstack/react-query'
import { ask } from '../../wire/ask.ts'
import { listQuery } from '../../wire/lists.ts'
import { type FindingsView, queryOfView } from './decide.ts'

const liveMs = 10_000

export const findingsQuery = (view: FindingsView) => listQuery('listFindings', { query: queryOfView(view) })

/** Also when it is on no page that was loaded. */
export const findingQuery = (id: string) =>
  queryOptions({
    queryKey: ['readFinding', id],
    queryFn: ({ signal }) => ask('readFinding', { params: { id }, signal }),
  })

export const countsQuery = queryOptions({
  queryKey: ['readStatus', 'openFindings'],
  queryFn: async ({ signal }) => (await ask('readStatus', { signal })).openFindings,
  refetchInterval: liveMs,
})
