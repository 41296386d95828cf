// One policy text in, everything that is wrong with it and what it means out: reading and validating in one step.
// It is pure and may take seconds on a hostile megabyte, so servers run it aside (examine-aside.ts).
import type { PolicyFault } from '@muster/contract'
import { createReport } from './fault.ts'
import { readPolicyText } from './read.ts'
import { type Judging, type PolicyDocument, validatePolicy } from './validate.ts'

export interface Examination {
  /** Null when there are errors. */
  readonly document: PolicyDocument | null
  readonly errors: readonly PolicyFault[]
  readonly warnings: readonly PolicyFault[]
}

/** Never throws, whatever the text. */
export const examinePolicy = (text: string, judging: Judging): Examination => {
  const report = createReport()
  const root = readPolicyText(text, report)
  const document = root === null ? null : validatePolicy(root, judging, report)
  const errors = report.errors()
  return { document: errors.length === 0 ? document : null, errors, warnings: report.warnings() }
}
