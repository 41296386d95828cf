// The protobuf payload of one event (sensor-protocol 9): bytes to values and back, judged strictly, never throwing.
// Hashes, envelopes and whether the surface matches the envelope's belong to the sync decision.

import { isUtf8 } from 'node:buffer'
import { ok, type Result, refuse } from '@muster/kernel'
import $protobuf from 'protobufjs/minimal.js'
import { muster } from './generated/sensor_event.js'
import { parseInstantMs } from './instant.ts'
import { SEVERITIES, type Severity } from './severity.ts'

export interface PayloadItem {
  readonly itemId: string
  readonly surface: string
  readonly kind: string
  readonly name: string
  readonly version: string | null
  readonly path: string
  readonly origin: string | null
  readonly detail: string | null
  /** Three-valued on the wire: null is "the sensor does not know". */
  readonly installedOnRequest: boolean | null
  readonly attributes: Readonly<Record<string, string>>
}

export interface FindingEvidence {
  readonly path: string
  readonly detail: string | null
  readonly matchedField: string | null
  readonly matchedValue: string | null
}

export interface ReportedFinding {
  readonly id: string
  readonly surface: string
  readonly itemId: string
  readonly ruleId: string
  readonly title: string
  readonly rationale: string
  readonly severity: Severity
  readonly itemName: string
  readonly evidence: FindingEvidence
  readonly observedAt: string
}

export type Payload =
  | { readonly body: 'inventoryItem'; readonly item: PayloadItem }
  | { readonly body: 'finding'; readonly finding: ReportedFinding }

type ItemMessage = muster.sensor.v1.InventoryItemPayload.$Properties
type FindingMessage = muster.sensor.v1.FindingPayload.$Properties
type Decoded = Result<Payload, 'invalid_payload'>

const message = muster.sensor.v1.SensorEventPayload
const payloadVersion = 1
const malformed = refuse(
  'invalid_payload',
  'The bytes are not a protobuf message, have fields without end, or hold a text that is not UTF-8.',
)

const isSeverity = (text: string): text is Severity => (SEVERITIES as readonly string[]).includes(text)

const { utf8Slice } = Buffer.prototype as unknown as {
  utf8Slice: (this: Uint8Array, from: number, to: number) => string
}

/** Far more than any message has; a dozen megabytes of tiny fields would take seconds to read. */
const maxTags = 4096

/**
 * The library's strict text reading spends most of a decode; Node's own is twice as fast on the lengths that occur here
 * and marks every fault with U+FFFD, so only a text that holds one needs the second look.
 */
class StrictReader extends $protobuf.Reader {
  override discardUnknown = true
  tags = 0

  override tag(): number {
    this.tags += 1
    if (this.tags > maxTags) throw new RangeError('too many fields')
    return super.tag()
  }

  override stringVerify(): string {
    const endsAt = this.size() + this.pos
    if (endsAt > this.len) throw new RangeError('a text ends beyond its message')
    const startsAt = this.pos
    this.pos = endsAt
    const text = utf8Slice.call(this.buf, startsAt, endsAt)
    if (text.includes('\ufffd') && !isUtf8(this.buf.subarray(startsAt, endsAt))) throw new RangeError('not UTF-8')
    return text
  }
}

const readMessage = (bytes: Uint8Array): muster.sensor.v1.SensorEventPayload.$Properties | null => {
  try {
    return message.decode(new StrictReader(bytes))
  } catch {
    // Whatever the reader dislikes is a fault of hostile bytes, and a refusal is all the sender needs to hear.
    return null
  }
}

const itemFrom = (said: ItemMessage): Decoded => {
  const { itemId, surface, kind, path, provenance } = said
  if (!itemId || !surface || !kind || !path)
    return refuse('invalid_payload', 'An inventory item needs item_id, surface, kind and path.')
  return ok({
    body: 'inventoryItem',
    item: {
      itemId,
      surface,
      kind,
      name: said.name ?? '',
      version: said.version ?? null,
      path,
      origin: provenance?.origin || null,
      detail: provenance?.detail ?? null,
      installedOnRequest: provenance?.installedOnRequest ?? null,
      attributes: said.attributes ?? {},
    },
  })
}

const findingFrom = (said: FindingMessage): Decoded => {
  const { id, itemId, ruleId, severity, observedAt } = said
  if (!id || !itemId || !ruleId) return refuse('invalid_payload', 'A finding needs id, item_id and rule_id.')
  if (!severity || !isSeverity(severity)) return refuse('invalid_payload', 'The severity of a finding is unknown.')
  if (!observedAt || parseInstantMs(observedAt) === null)
    return refuse('invalid_payload', 'The observed_at of a finding is not an RFC 3339 time.')
  return ok({
    body: 'finding',
    finding: {
      id,
      surface: said.surface ?? '',
      itemId,
      ruleId,
      title: said.title ?? '',
      rationale: said.rationale ?? '',
      severity,
      itemName: said.itemName ?? '',
      evidence: {
        path: said.evidence?.path ?? '',
        detail: said.evidence?.detail ?? null,
        matchedField: said.evidence?.matchedField ?? null,
        matchedValue: said.evidence?.matchedValue ?? null,
      },
      observedAt,
    },
  })
}

/**
 * One payload out of its bytes, or `invalid_payload` with the reason; throws for no input.
 * Fields may come in any order, unknown ones are skipped, the last of a repeated scalar wins; an empty or absent `name`,
 * `title`, `rationale` or `item_name` is kept as `""` (sensor-protocol 9 and D32).
 */
export const decodePayload = (bytes: Uint8Array): Decoded => {
  const said = readMessage(bytes)
  if (said === null) return malformed
  if (said.payloadVersion !== payloadVersion) return refuse('invalid_payload', 'The payload version is not 1.')
  const { inventoryItem, finding } = said
  if (inventoryItem && !finding) return itemFrom(inventoryItem)
  if (finding && !inventoryItem) return findingFrom(finding)
  return refuse('invalid_payload', 'A payload carries either an inventory item or a finding.')
}

const itemMessage = (item: PayloadItem): ItemMessage => {
  const origin = item.origin || null
  const known = origin !== null || item.installedOnRequest !== null || item.detail !== null
  return {
    itemId: item.itemId,
    surface: item.surface,
    kind: item.kind,
    name: item.name,
    version: item.version,
    path: item.path,
    provenance: known ? { origin, installedOnRequest: item.installedOnRequest, detail: item.detail } : null,
    attributes: item.attributes,
  }
}

/** The bytes of a payload, equal to those of the reference encoder for equal content (sensor-protocol 9.1). */
export const encodePayload = (payload: Payload): Uint8Array =>
  message
    .encode(
      payload.body === 'inventoryItem'
        ? { payloadVersion, inventoryItem: itemMessage(payload.item) }
        : { payloadVersion, finding: payload.finding },
    )
    .finish()
