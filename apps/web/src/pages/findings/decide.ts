// What an address says about the queue of findings, and its rows as a table to take away; pure.
// Which findings there are is the API's.
import type { Finding, FindingState, Severity } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import { oneOf, textOf, type Words, withoutUnsaid } from '../../parts/decide-words.ts'
import type { QueryTo } from '../../wire/ask.ts'
import { findingStates, severities } from '../../wire/routes.built.ts'

export interface FindingsView {
  /** Absent for what is open: a queue begins with what is left to do. */
  readonly state?: Exclude<FindingState, 'open'> | 'any'
  readonly severity?: Severity
  readonly rule?: string
  readonly device?: string
  readonly surface?: string
  /** Whose evidence is open. */
  readonly finding?: string
}

/** What can be said in place of `open`. */
export const otherStates: readonly NonNullable<FindingsView['state']>[] = [
  ...findingStates.filter((state): state is 'resolved' => state !== 'open'),
  'any',
]

export const readFindingsView = (words: Words): FindingsView =>
  withoutUnsaid<FindingsView>({
    state: oneOf(words['state'], otherStates),
    severity: oneOf(words['severity'], severities),
    rule: textOf(words['rule']),
    device: textOf(words['device']),
    surface: textOf(words['surface']),
    finding: textOf(words['finding']),
  })

export const queryOfView = ({ state, severity, rule, device, surface }: FindingsView): QueryTo<'listFindings'> =>
  withoutUnsaid<QueryTo<'listFindings'>>({
    state: state === 'any' ? undefined : (state ?? 'open'),
    severity,
    ruleId: rule,
    deviceId: device,
    surface,
  })

export const isFiltered = (view: FindingsView): boolean => Object.keys(view).some((key) => key !== 'finding')

export const FINDINGS_CSV: CsvTable<Finding> = {
  columns: [
    'id',
    'severity',
    'state',
    'title',
    'ruleId',
    'itemName',
    'surface',
    'deviceId',
    'hostname',
    'path',
    'matchedField',
    'matchedValue',
    'count',
    'itemPresent',
    'firstObservedAt',
    'lastObservedAt',
    'resolution',
    'resolvedAt',
    'resolvedBy',
  ],
  rowsOf: (finding) => [
    [
      finding.id,
      finding.severity,
      finding.state,
      finding.title,
      finding.ruleId,
      finding.itemName,
      finding.surface,
      finding.deviceId,
      finding.hostname,
      finding.evidence.path,
      finding.evidence.matchedField,
      finding.evidence.matchedValue,
      finding.count,
      finding.itemPresent,
      finding.firstObservedAt,
      finding.lastObservedAt,
      finding.resolution,
      finding.resolvedAt,
      finding.resolvedBy,
    ],
  ],
}
