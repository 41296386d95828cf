// Refusals as values: what a caller can act on is returned, not thrown.
// Which codes exist is the contract's business; faults throw and are not described here.

export interface Refusal<Code extends string = string> {
  readonly code: Code
  /** One sentence for a human that narrows the code's own sentence; never a secret. */
  readonly detail?: string
  /** Which inputs were wrong, where the caller can point at them. */
  readonly fields?: readonly FieldFault[]
}

export interface FieldFault {
  readonly path: string
  readonly code: string
  readonly message: string
  readonly line?: number
  readonly column?: number
}

export interface Ok<T> {
  readonly ok: true
  readonly value: T
}

export interface Refused<Code extends string = string> {
  readonly ok: false
  readonly refusal: Refusal<Code>
}

export type Result<T, Code extends string = string> = Ok<T> | Refused<Code>

export const ok = <T>(value: T): Ok<T> => ({ ok: true, value })

export const refuse = <Code extends string>(
  code: Code,
  detail?: string,
  fields?: readonly FieldFault[],
): Refused<Code> => ({
  ok: false,
  refusal: { code, ...(detail === undefined ? {} : { detail }), ...(fields === undefined ? {} : { fields }) },
})
