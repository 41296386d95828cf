// What is said between the main thread and a database thread.
// Who answers what is in thread.ts; who asks is in port.ts.
import type { BulkPlan } from '../bulk-plan.ts'
import type { PackedFault } from '../packed-fault.ts'
import type { Tuple } from '../session.ts'

/** `lease` names one session; 0 is a single statement outside any transaction. */
export type Ask =
  | { readonly kind: 'begin'; readonly lease: number }
  | { readonly kind: 'commit'; readonly lease: number }
  | { readonly kind: 'rollback'; readonly lease: number }
  | { readonly kind: 'run'; readonly lease: number; readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly kind: 'bulk'; readonly lease: number; readonly plan: BulkPlan; readonly tuples: readonly Tuple[] }
  | { readonly kind: 'load'; readonly href: string; readonly settings: unknown }
  | { readonly kind: 'unit'; readonly name: string; readonly input: unknown }
  | { readonly kind: 'close' }

export interface Asked {
  readonly id: number
  readonly ask: Ask
}

export interface Sample {
  readonly name: string
  readonly value: number
}

export type Reply = (
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly fault: PackedFault }
) & { readonly samples: readonly Sample[] }

export interface ThreadSettings {
  readonly file: string
  readonly role: 'writer' | 'reader' | 'checkpointer'
  readonly limitMs: number
}
