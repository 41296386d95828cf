// What an address says about the page of one policy, how a document becomes the next one, and how far it has come; pure.
// What is wrong with a document is said by the server.
import type { Assignment, Generation } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import { oneOf, type Words, withoutUnsaid } from '../../parts/decide-words.ts'

export const tabs = ['document', 'generations', 'revisions'] as const
export type Tab = (typeof tabs)[number]

export interface PolicyView {
  readonly tab?: Tab
}

export const readPolicyView = (words: Words): PolicyView =>
  withoutUnsaid<PolicyView>({ tab: oneOf(words['tab'], tabs) })

/** Stands in an address where a policy that is not there yet is written. */
export const newPolicyId = 'new'

export const firstDocument = `apiVersion: fleet/v1
kind: Policy
metadata:
  name: engineering
  description: Default for developers
agent:
  includeBuiltinRules: true
  watch:
    pollIntervalSeconds: 300
  rules:
    - id: acme.denied-package
      surface: javascriptPackages
      triggers: [added, modified, present]
      match: fieldContainsAny
      field: name
      values: [plain-crypto-js]
      severity: critical
      title: Denied npm package
      rationale: Named in an advisory.
`

/** Where publishing goes without being told otherwise: where it went before; none is the whole tenant. */
export const groupsOf = (assignments: readonly Assignment[], policyId: string): readonly string[] =>
  assignments.flatMap(({ policyId: id, group }) => (id === policyId && group !== null ? [group] : []))

export interface Standing {
  /** Written, and not what is kept. */
  readonly isChanged: boolean
  /** Kept, and not what is in force. */
  readonly isUnpublished: boolean
}

export const standingOf = (text: string, latest: string | null, published: string | null): Standing => ({
  isChanged: text !== latest,
  isUnpublished: latest !== published,
})

export const standingWords = ({ isChanged, isUnpublished }: Standing): string => {
  if (isChanged) return 'not saved'
  return isUnpublished ? 'saved, not published' : 'as published'
}

export const GENERATIONS_CSV: CsvTable<Generation> = {
  columns: [
    'generation',
    'revisionId',
    'capabilitySet',
    'sha256',
    'byteCount',
    'droppedRules',
    'publishedBy',
    'publishedAt',
  ],
  rowsOf: (one) => [
    [
      one.generation,
      one.revisionId,
      one.capabilitySet,
      one.sha256,
      one.byteCount,
      one.droppedRules.map(({ id }) => id).join(' '),
      one.publishedBy,
      one.publishedAt,
    ],
  ],
}
