// Which policy goes to which group, while it is changed: lines that are typed become the whole list, or what is wrong with it; pure.
// Two lines for the same group, or with the same priority, are refused by the server as well.
import type { Assignment, BodyOf, Policy, replaceAssignments } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'

export interface Line {
  readonly policyId: string
  /** Empty for every device that is in no group with a policy. */
  readonly group: string
  readonly priority: string
}

export const linesOf = (assignments: readonly Assignment[]): readonly Line[] =>
  assignments.map(({ policyId, group, priority }) => ({ policyId, group: group ?? '', priority: String(priority) }))

export const ASSIGNMENTS_CSV: CsvTable<Assignment & { readonly policy: string }> = {
  columns: ['group', 'policyId', 'policy', 'priority'],
  rowsOf: ({ group, policyId, policy, priority }) => [[group, policyId, policy, priority]],
}

export type Judged =
  | { readonly ok: true; readonly body: BodyOf<typeof replaceAssignments> }
  | { readonly ok: false; readonly fault: string }

const mostPriority = 1_000_000

const isPriority = (text: string): boolean => /^\d{1,7}$/.test(text.trim()) && Number(text) <= mostPriority

const doubled = (texts: readonly string[]): string | undefined => texts.find((text, at) => texts.indexOf(text) !== at)

export const judgeLines = (lines: readonly Line[]): Judged => {
  const odd = lines.find(({ group, priority }) => group !== '' && !isPriority(priority))
  if (odd !== undefined) return { ok: false, fault: `${odd.group}: a priority is a whole number up to 1,000,000.` }
  const twice = doubled(lines.map(({ group }) => group))
  if (twice !== undefined)
    return { ok: false, fault: `${twice === '' ? 'Every other device' : twice} can have one policy only.` }
  const tied = doubled(lines.flatMap(({ group, priority }) => (group === '' ? [] : [String(Number(priority))])))
  if (tied !== undefined)
    return { ok: false, fault: `Two groups have the priority ${tied}; the higher one has to win.` }
  const items = lines.map(({ policyId, group, priority }) => ({
    policyId,
    group: group === '' ? null : group,
    priority: group === '' ? 0 : Number(priority),
  }))
  return { ok: true, body: { items } }
}

/** The next line: above all others, for a group that has none yet. */
export const nextLine = (lines: readonly Line[], policies: readonly Policy[], groups: readonly string[]): Line => ({
  policyId: policies[0]?.id ?? '',
  group: groups.find((group) => !lines.some((line) => line.group === group)) ?? '',
  priority: String(Math.min(mostPriority, Math.max(0, ...lines.map(({ priority }) => Number(priority) || 0)) + 10)),
})

export const POLICIES_CSV: CsvTable<Policy> = {
  columns: ['id', 'name', 'description', 'generation', 'latestRevisionId', 'publishedRevisionId', 'createdAt'],
  rowsOf: (policy) => [
    [
      policy.id,
      policy.name,
      policy.description,
      policy.generation,
      policy.latestRevisionId,
      policy.publishedRevisionId,
      policy.createdAt,
    ],
  ],
}
