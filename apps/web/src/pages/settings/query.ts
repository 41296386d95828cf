// What the settings ask: tokens, groups, how long things are kept, what is kept regardless, and when a device counts as silent.
// What is typed becomes a question in decide.ts.
import { queryOptions } from '@tanstack/react-query'
import { ask } from '../../wire/ask.ts'
import { listQuery } from '../../wire/lists.ts'

export const operatorTokensQuery = listQuery('listOperatorTokens')

export const retentionQuery = queryOptions({
  queryKey: ['readRetention'],
  queryFn: ({ signal }) => ask('readRetention', { signal }),
})

export const groupListQuery = listQuery('listGroups')

export const holdsQuery = listQuery('listLegalHolds', { query: { state: 'all' } })

export const settingsQuery = queryOptions({
  queryKey: ['readSettings'],
  queryFn: ({ signal }) => ask('readSettings', { signal }),
})
