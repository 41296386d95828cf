// What the overview asks: the state of the product, the policy in force, and what came lately; again while it is looked at.
// What of it needs attention is decide.ts.
import { queryOptions } from '@tanstack/react-query'
import { ask } from '../../wire/ask.ts'
import { hoursShown, type OverviewView, stepMs } from './decide-activity.ts'

const liveMs = 5000

export const statusQuery = queryOptions({
  queryKey: ['readStatus'],
  queryFn: ({ signal }) => ask('readStatus', { signal }),
  refetchInterval: liveMs,
})

export const newestFindingsQuery = queryOptions({
  queryKey: ['listFindings', 'newest'],
  queryFn: ({ signal }) => ask('listFindings', { query: { state: 'open', limit: '8' }, signal }),
  refetchInterval: liveMs,
})

export const newestChangesQuery = queryOptions({
  queryKey: ['listChanges', 'newest'],
  queryFn: ({ signal }) => ask('listChanges', { query: { baseline: 'false', limit: '8' }, signal }),
  refetchInterval: liveMs,
})

/** Policies with how far each has come. */
export const adoptionsQuery = queryOptions({
  queryKey: ['policyAdoption', 'all'],
  queryFn: async ({ signal }) => {
    const { items } = await ask('listPolicies', { query: { limit: '20' }, signal })
    const published = items.filter(({ publishedRevisionId }) => publishedRevisionId !== null)
    const adoptions = await Promise.all(published.map(({ id }) => ask('policyAdoption', { params: { id }, signal })))
    return published.map((policy, at) => ({ policy, adoption: adoptions[at] }))
  },
  refetchInterval: 3 * liveMs,
})

/** Hours are counted from the browser's clock, days from the server's. */
export const activityQuery = (by: OverviewView['by']) =>
  queryOptions({
    queryKey: ['readActivity', by ?? 'day'],
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - hoursShown * stepMs.hour).toISOString()
      return ask('readActivity', { query: by === undefined ? {} : { from, resolution: by }, signal })
    },
    refetchInterval: 3 * liveMs,
  })

export const coverageQuery = queryOptions({
  queryKey: ['readCoverage'],
  queryFn: ({ signal }) => ask('readCoverage', { signal }),
  refetchInterval: 6 * liveMs,
})
