// What a policy document comes to, said the way the API says it: the same code answers a server's operators and a terminal
// without a server. Which rules are in force, and what a role may write, only a server knows.
import type { ReplyOf, validatePolicy } from '@muster/contract'
import { authoringVocabulary, BASE_CAPABILITY, CAPABILITY_SETS } from './bundle/capability.ts'
import { compileBundle } from './bundle/compile.ts'
import { type Examination, examinePolicy } from './document/examine.ts'

export type PolicyCheck = ReplyOf<typeof validatePolicy>

/** Every error and warning at once; what a base agent would receive when there are no errors. */
export const presentExamination = ({ document, errors, warnings }: Examination): PolicyCheck => {
  const compiled = document === null ? null : compileBundle(document, BASE_CAPABILITY)
  return {
    valid: document !== null,
    errors: [...errors],
    warnings: [...warnings],
    bundle: compiled && { sha256: compiled.sha256, byteCount: compiled.byteCount },
  }
}

/** As an owner may write it. Never throws, whatever the text; a hostile megabyte may take seconds. */
export const checkPolicy = (text: string): PolicyCheck =>
  presentExamination(examinePolicy(text, { mayWidenScan: true, vocabulary: authoringVocabulary(CAPABILITY_SETS) }))
