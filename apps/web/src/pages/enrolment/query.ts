// What the page of enrolment asks: the tokens there are, one that is watched while it is used, and the devices it let in.
// What a wish for a token becomes is decide.ts.
import { queryOptions } from '@tanstack/react-query'
import { ask } from '../../wire/ask.ts'
import { listQuery } from '../../wire/lists.ts'

const watchMs = 2000

export const tokensQuery = listQuery('listEnrollmentTokens')

/** Asked again until it was used up, so that the page shows the moment a device comes in. */
export const watchedTokenQuery = (id: string) =>
  queryOptions({
    queryKey: ['readEnrollmentToken', id],
    queryFn: ({ signal }) => ask('readEnrollmentToken', { params: { id }, signal }),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.status === 'active' ? watchMs : false),
  })

export const letInQuery = (id: string, useCount: number) =>
  queryOptions({
    queryKey: ['listDevices', 'letIn', id, useCount],
    queryFn: ({ signal }) => ask('listDevices', { query: { enrollmentTokenId: id, limit: '20' }, signal }),
  })
