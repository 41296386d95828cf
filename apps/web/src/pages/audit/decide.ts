// What an address says about the audit history, and its entries as a table to take away; pure.
// The chain is the ledger's; what is verified is the API's answer.
import type { AuditEntry } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import { momentOf, oneOf, textOf, type Words, withoutUnsaid } from '../../parts/decide-words.ts'
import type { AnswerTo, QueryTo } from '../../wire/ask.ts'
import { auditOutcomes } from '../../wire/routes.built.ts'

export interface AuditView {
  readonly action?: string
  readonly actor?: string
  readonly target?: string
  readonly outcome?: AuditEntry['outcome']
  readonly from?: string
  readonly to?: string
  /** The number of the entry that is open. */
  readonly entry?: string
}

export const readAuditView = (words: Words): AuditView =>
  withoutUnsaid<AuditView>({
    action: textOf(words['action']),
    actor: textOf(words['actor']),
    target: textOf(words['target']),
    outcome: oneOf(words['outcome'], auditOutcomes),
    from: momentOf(words['from']),
    to: momentOf(words['to']),
    entry: textOf(words['entry']),
  })

export const queryOfView = ({ action, actor, target, outcome, from, to }: AuditView): QueryTo<'listAudit'> =>
  withoutUnsaid<QueryTo<'listAudit'>>({ action, actorId: actor, targetId: target, outcome, from, to })

export const isFiltered = (view: AuditView): boolean => Object.keys(view).some((key) => key !== 'entry')

export interface Verdict {
  readonly isWhole: boolean
  readonly text: string
}

export const verdictOf = ({ ok, checked, firstBadSeq }: AnswerTo<'verifyAudit'>): Verdict => ({
  isWhole: ok,
  text: ok
    ? `The chain is whole: all ${checked.toLocaleString()} entries fit.`
    : `The chain is broken${firstBadSeq === undefined ? '' : ` at entry ${firstBadSeq}`}: what was written there, or before it, is not what is there now.`,
})

/** What is listed. Only the whole history as lines of JSON can be verified elsewhere. */
export const AUDIT_LIST_CSV: CsvTable<AuditEntry> = {
  columns: [
    'seq',
    'occurredAt',
    'action',
    'outcome',
    'actorType',
    'actorId',
    'actorDisplayName',
    'actorIp',
    'targetType',
    'targetId',
    'requestId',
    'details',
    'hash',
  ],
  rowsOf: ({ seq, occurredAt, action, outcome, actor, target, requestId, details, hash }) => [
    [
      seq,
      occurredAt,
      action,
      outcome,
      actor.type,
      actor.id,
      actor.displayName ?? null,
      actor.ip ?? null,
      target.type,
      target.id,
      requestId,
      JSON.stringify(details),
      hash,
    ],
  ],
}
