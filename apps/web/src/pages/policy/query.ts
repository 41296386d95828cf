// What the page of a policy asks: the policy, its revisions and generations, where it goes, and what is wrong with a text.
// How its texts stand to each other is decide.ts.
import { queryOptions, skipToken } from '@tanstack/react-query'
import { ask, Declined } from '../../wire/ask.ts'
import { listQuery } from '../../wire/lists.ts'
import { newPolicyId } from './decide.ts'

const liveMs = 5000

const readPolicy = async (id: string, signal: AbortSignal) => {
  try {
    return await ask('readPolicy', { params: { id }, signal })
  } catch (fault) {
    if (fault instanceof Declined && fault.code === 'not_found') return null
    throw fault
  }
}

/** Null when there is none, or not yet. */
export const policyQuery = (id: string) =>
  queryOptions({
    queryKey: ['readPolicy', id],
    queryFn: ({ signal }) => (id === newPolicyId ? null : readPolicy(id, signal)),
  })

export const revisionQuery = (id: string | null | undefined) =>
  queryOptions({
    queryKey: ['readRevision', id],
    queryFn: typeof id === 'string' ? ({ signal }) => ask('readRevision', { params: { id }, signal }) : skipToken,
    staleTime: Number.POSITIVE_INFINITY,
  })

export const revisionsQuery = (id: string) => listQuery('listRevisions', { params: { id } })

export const generationsQuery = (policyId: string) => listQuery('listGenerations', { query: { policyId } })

export const adoptionQuery = (id: string) =>
  queryOptions({
    queryKey: ['policyAdoption', id],
    queryFn: ({ signal }) => ask('policyAdoption', { params: { id }, signal }),
    refetchInterval: liveMs,
  })

export const assignmentsQuery = queryOptions({
  queryKey: ['listAssignments'],
  queryFn: ({ signal }) => ask('listAssignments', { signal }),
})

/** What publishing the text to these groups, or to everybody, would change; `tryRules`: and what its rules would find. */
export const planQuery = (yaml: string, groups: readonly string[], tryRules: boolean) =>
  queryOptions({
    queryKey: ['planPolicy', yaml, groups, tryRules],
    queryFn: ({ signal }) =>
      ask('planPolicy', { body: { yaml, tryRules, ...(groups.length > 0 && { groups: [...groups] }) }, signal }),
    gcTime: 60_000,
  })

export const checkQuery = (yaml: string, isAsked: boolean) =>
  queryOptions({
    queryKey: ['validatePolicy', yaml],
    queryFn: isAsked ? ({ signal }) => ask('validatePolicy', { body: { yaml }, signal }) : skipToken,
    gcTime: 60_000,
  })
