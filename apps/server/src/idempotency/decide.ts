// What a repeated Idempotency-Key means (fleet-product 12). Pure: the remembered request and the new one in, a verdict out.
// Remembering is store.ts; running the request is idempotency.ts.

export const keepMs = 24 * 3600 * 1000
export const maxKeyLength = 128

export interface Remembered {
  readonly requestDigest: string
  /** The sealed reply; null while the first request runs, or when it was cut off. */
  readonly sealedReply: Uint8Array | null
  readonly createdMs: number
}

export type IdempotencyVerdict =
  | { readonly kind: 'run' }
  | { readonly kind: 'replay'; readonly sealedReply: Uint8Array }
  | { readonly kind: 'conflict'; readonly detail: string | undefined }

export const decideIdempotency = (
  remembered: Remembered | undefined,
  requestDigest: string,
  nowMs: number,
): IdempotencyVerdict => {
  if (remembered === undefined || isForgotten(remembered.createdMs, nowMs)) return { kind: 'run' }
  if (remembered.requestDigest !== requestDigest) return { kind: 'conflict', detail: undefined }
  if (remembered.sealedReply !== null) return { kind: 'replay', sealedReply: remembered.sealedReply }
  return {
    kind: 'conflict',
    detail: 'The first request with this key runs still, or was cut off before it could answer.',
  }
}

export const isForgotten = (createdMs: number, nowMs: number): boolean => nowMs - createdMs >= keepMs
