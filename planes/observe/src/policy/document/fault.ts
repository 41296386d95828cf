// What can be wrong with a policy document, and the report that gathers every fault at once (fleet-product 6.3).
// Which fault a document has is found out by read.ts and the validating files.
import type { PolicyFault } from '@muster/contract'

/** These stop a revision from being saved. */
export const ERROR_CODES = [
  'too_large',
  'too_costly',
  'too_deep',
  'too_many_errors',
  'unprintable_character',
  'yaml_syntax',
  'yaml_version',
  'yaml_anchor',
  'yaml_alias',
  'yaml_merge_key',
  'yaml_tag',
  'yaml_multiple_documents',
  'duplicate_key',
  'unknown_key',
  'missing_key',
  'wrong_type',
  'wrong_value',
  'out_of_bounds',
  'too_many_entries',
  'too_long',
  'empty_text',
  'unknown_surface',
  'unknown_field',
  'unknown_flag',
  'unknown_trigger',
  'unknown_match',
  'unknown_severity',
  'missing_parameter',
  'irrelevant_parameter',
  'malformed_rule_id',
  'malformed_scheme',
  'malformed_file_name',
  'duplicate_rule',
  'project_root_refused',
  'scan_scope_not_allowed',
  'fleet_rules_unsupported',
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

/** These are shown, and the revision can still be published. */
export const WARNING_CODES = [
  'broad_present_rule',
  'flag_never_known',
  'list_without_kind',
  'shadowed_rule',
  'many_new_rules',
  'own_agents_only',
  'rule_never_fires',
  'built_in_rules_left_out',
] as const
export type WarningCode = (typeof WARNING_CODES)[number]

/** Where in the document something stands: a JSON pointer, and line and column counted from one. */
export interface Place {
  readonly path: string
  readonly line: number
  readonly column: number
}

export interface Report {
  error(place: Place, code: ErrorCode, message: string): void
  warn(place: Place, code: WarningCode, message: string): void
  errorCount(): number
  /** In the order of the document. */
  errors(): readonly PolicyFault[]
  warnings(): readonly PolicyFault[]
}

/** A document of nothing but mistakes must not become a reply of many megabytes. */
const mostFaults = 1000

const inOrder = (left: PolicyFault, right: PolicyFault): number => left.line - right.line || left.column - right.column

const cut = (faults: readonly PolicyFault[]): readonly PolicyFault[] => {
  const sorted = faults.toSorted(inOrder)
  const last = sorted[mostFaults - 1]
  if (last === undefined || sorted.length === mostFaults) return sorted
  const message = `only the first ${mostFaults} of ${sorted.length} are listed`
  return [...sorted.slice(0, mostFaults), { ...last, code: 'too_many_errors', message }]
}

export const createReport = (): Report => {
  const errors: PolicyFault[] = []
  const warnings: PolicyFault[] = []
  const at = ({ path, line, column }: Place, code: string, message: string) => ({ path, line, column, code, message })
  return {
    error: (place, code, message) => void errors.push(at(place, code, message)),
    warn: (place, code, message) => void warnings.push(at(place, code, message)),
    errorCount: () => errors.length,
    errors: () => cut(errors),
    warnings: () => cut(warnings),
  }
}
