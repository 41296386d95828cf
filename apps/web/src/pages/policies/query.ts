// What the list of policies asks.
// How far each has come, and where it goes, is asked by pages/policy/query.ts.
import { listQuery } from '../../wire/lists.ts'

export const policiesQuery = listQuery('listPolicies')
