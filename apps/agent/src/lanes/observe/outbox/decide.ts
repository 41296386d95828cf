// How changes become events, and which queued events go first when the queue must shrink. Pure.
// Numbers, rows and states are store.ts; what the server decided about an event is sync/decide.ts.
import { type EventKind, encodePayload } from '@muster/contract'
import { sha256Hex } from '@muster/kernel'
import type { Change } from '../diff/decide.ts'

export interface NewEvent {
  readonly surface: string
  readonly kind: EventKind
  readonly body: 'inventoryItem' | 'finding'
  readonly payload: Uint8Array
  readonly payloadHash: string
}

/** The payload is spelled once and stored, so that every retry has the same bytes (sensor-agent 11.1). */
export const eventOf = ({ kind, item }: Change): NewEvent => {
  const payload = encodePayload({ body: 'inventoryItem', item })
  return { surface: item.surface, kind, body: 'inventoryItem', payload, payloadHash: sha256Hex(payload) }
}

/** How many bytes have to go so that what waits fits; nothing while it does. */
export const excessBytes = (waitingBytes: number, mostBytes: number): number => Math.max(0, waitingBytes - mostBytes)
