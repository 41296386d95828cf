// A valid document to the exact bytes agents receive, once per capability set (fleet-product 6.4).
// Which generation the bytes go under, and who gets them, is decided one folder up.
import { BUILT_IN_RULES, canonicalJson, foreignWord, type Rule } from '@muster/contract'
import { sha256Hex } from '@muster/kernel'
import type { PolicyDocument } from '../document/validate.ts'
import type { Bundle } from './bundle.ts'
import type { CapabilitySet } from './capability.ts'

export interface DroppedRule {
  readonly id: string
  readonly surface: string
  readonly reason: string
}

export interface CompiledBundle {
  readonly capabilitySet: string
  /** RFC 8785, UTF-8, no trailing newline. */
  readonly text: string
  readonly byteCount: number
  readonly sha256: string
  /** Rules left out because agents of this set would refuse the whole bundle over them (sensor-protocol 14.4). */
  readonly droppedRules: readonly DroppedRule[]
}

/** Built-in rules first, then the document's own, in the order written. */
export const compileBundle = (document: PolicyDocument, set: CapabilitySet): CompiledBundle => {
  const merged: readonly Rule[] = [...(document.withBuiltIns ? BUILT_IN_RULES : []), ...document.rules]
  const judged = merged.map((rule) => ({ rule, foreign: foreignWord(rule, set.vocabulary) }))
  const bundle: Bundle = {
    watch: document.watch,
    rules: judged.filter(({ foreign }) => foreign === null).map(({ rule }) => rule),
    sync: document.sync,
  }
  const text = canonicalJson(bundle)
  return {
    capabilitySet: set.name,
    text,
    byteCount: Buffer.byteLength(text),
    sha256: sha256Hex(text),
    droppedRules: judged.flatMap(({ rule: { id, surface }, foreign }) =>
      foreign === null ? [] : { id, surface, reason: `agents of the set ${set.name} do not know ${foreign}` },
    ),
  }
}
