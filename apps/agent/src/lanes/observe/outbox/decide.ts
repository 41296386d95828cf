// How changes and findings become events, and how much must go when the queue has to shrink. Pure.
// Numbers, rows and states are store.ts; what the server decided about an event is sync/decide.ts.
import type { EventKind } from '@muster/contract/device'
import { encodePayload, type Payload, type PayloadItem, type Severity } from '@muster/contract/inventory'
import { sha256Hex, toIso } from '@muster/kernel'
import type { FeedFinding } from '../feed/store.ts'

export interface NewEvent {
  readonly surface: string
  readonly kind: EventKind
  readonly body: Payload['body']
  /** Of a finding; null for an inventory event. */
  readonly severity: Severity | null
  readonly payload: Uint8Array
  readonly payloadHash: string
}

/** The payload is spelled once and stored, so that every retry has the same bytes (sensor-agent 11.1). */
export const itemEventOf = (kind: EventKind, item: PayloadItem): NewEvent => {
  const payload = encodePayload({ body: 'inventoryItem', item })
  return {
    surface: item.surface,
    kind,
    body: 'inventoryItem',
    severity: null,
    payload,
    payloadHash: sha256Hex(payload),
  }
}

/** A finding is always told as `modified` (sensor-protocol 8). */
export const findingEventOf = ({ findingId, atMs, ...finding }: FeedFinding): NewEvent => {
  const payload = encodePayload({ body: 'finding', finding: { ...finding, id: findingId, observedAt: toIso(atMs) } })
  const { surface, severity } = finding
  return { surface, kind: 'modified', body: 'finding', severity, payload, payloadHash: sha256Hex(payload) }
}

/** How many bytes have to go so that what waits fits; nothing while it does. */
export const excessBytes = (waitingBytes: number, mostBytes: number): number => Math.max(0, waitingBytes - mostBytes)
