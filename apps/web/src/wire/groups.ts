// The groups there are, from which pages let one choose.
// Making and changing them is the page that does so.
import { queryOptions } from '@tanstack/react-query'
import { allItems } from './lists.ts'

export const groupsQuery = queryOptions({
  queryKey: ['listGroups', 'all'],
  queryFn: async () => {
    const groups = []
    for await (const page of allItems('listGroups')) groups.push(...page)
    return groups
  },
})
