// What an operator is shown of a device, page by page to the end, through the API.
// What is wrong with it is pair-verdict.ts.
import {
  type Change,
  decodePayload,
  deviceEvents,
  deviceInventory,
  type Finding,
  listChanges,
  listFindings,
  type Payload,
  type RawEvent,
} from '@muster/contract'
import { type Client, call } from '@muster/http/client'
import { value } from '@muster/server/testing'
import { readAll } from '../chaos/operator-view.ts'

/** `path name@version` of what the server says is on the device, sorted. */
export const readInventory = async (owner: Client, id: string): Promise<readonly string[]> => {
  const items = await readAll((query) => call(owner, deviceInventory, { params: { id }, query }))
  return items.map(({ path, name, version }) => `${path} ${name}@${version}`).toSorted()
}

export interface Told {
  readonly event: RawEvent
  readonly said: Payload
}

/** Everything the device told, in the order it told it. */
export const readTold = async (owner: Client, id: string): Promise<readonly Told[]> => {
  const events = await readAll((query) => call(owner, deviceEvents, { params: { id }, query }))
  return events
    .map((event) => {
      const decoded = decodePayload(Buffer.from(event.payload, 'base64'))
      if (!decoded.ok) throw new Error(`event ${event.eventId} cannot be read`)
      return { event, said: decoded.value }
    })
    .toSorted(
      (left, right) => left.event.epoch - right.event.epoch || left.event.localSequence - right.event.localSequence,
    )
}

/** In the words of `onDisk`, for what is said of an item. */
export const spell = ({ event, said }: Told): string =>
  said.body === 'finding'
    ? `${said.finding.ruleId} of ${said.finding.itemId}`
    : `${event.kind} ${said.item.path} ${said.item.name}@${said.item.version}`

export const readFindings = (owner: Client, deviceId: string): Promise<readonly Finding[]> =>
  readAll((query) => call(owner, listFindings, { query: { ...query, deviceId } }))

/** What came to the machine, went, or became another, after the first look at it. */
export const readChanges = (owner: Client, deviceId: string): Promise<readonly Change[]> =>
  readAll((query) => call(owner, listChanges, { query: { ...query, deviceId, baseline: 'false' } }))

/** The number of what the device told last; 0 when it told nothing yet. */
export const readLastSequence = async (owner: Client, id: string): Promise<number> => {
  const { items } = await value(call(owner, deviceEvents, { params: { id }, query: { limit: '1' } }))
  return items[0]?.localSequence ?? 0
}
