// Errors as plain data, because a structured clone keeps a message but loses what callers decide by.
// Which faults there are is in faults.ts.
import { StoreError, type StoreReason } from './faults.ts'

export interface PackedFault {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code: string | undefined
  readonly reason: StoreReason | undefined
  readonly cause: PackedFault | undefined
}

export const packFault = (error: unknown): PackedFault => {
  if (!(error instanceof Error)) return packFault(new Error(String(error)))
  const { name, message, stack, cause } = error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const reason = error instanceof StoreError ? error.reason : undefined
  return { name, message, stack, code, reason, cause: cause === undefined ? undefined : packFault(cause) }
}

export const unpackFault = (packed: PackedFault): Error => {
  const options = packed.cause === undefined ? {} : { cause: unpackFault(packed.cause) }
  const error =
    packed.reason === undefined
      ? new Error(packed.message, options)
      : new StoreError(packed.message, packed.reason, options)
  Object.defineProperty(error, 'name', { value: packed.name, configurable: true })
  if (packed.stack !== undefined) error.stack = packed.stack
  return packed.code === undefined ? error : Object.assign(error, { code: packed.code })
}
