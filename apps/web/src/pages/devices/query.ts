// What the list of devices asks, and what it does to those that are chosen, one after the other.
// Which devices a view means is decide.ts.
import { ask, Declined, type ItemOf } from '../../wire/ask.ts'
import { listQuery } from '../../wire/lists.ts'
import { type DevicesView, queryOfView } from './decide.ts'

type Device = ItemOf<'listDevices'>

export const devicesQuery = (view: DevicesView) => listQuery('listDevices', { query: queryOfView(view) })

/** Done to each, and the first reason for every one that would not have it. */
export interface BulkOutcome {
  readonly done: number
  readonly declined: readonly string[]
}

const toEach = async (devices: readonly Device[], act: (device: Device) => Promise<unknown>): Promise<BulkOutcome> => {
  let done = 0
  const declined = new Set<string>()
  for (const device of devices) {
    try {
      await act(device)
      done += 1
    } catch (fault) {
      if (!(fault instanceof Declined)) throw fault
      declined.add(`${device.displayName ?? device.hostname}: ${fault.message}`)
    }
  }
  return { done, declined: [...declined] }
}

export const tagAll = (devices: readonly Device[], tag: string, isOn: boolean): Promise<BulkOutcome> =>
  toEach(devices, ({ id, tags, version }) => {
    const others = tags.filter((one) => one !== tag)
    return ask('changeDevice', { params: { id }, body: { tags: isOn ? [...others, tag] : others }, ifMatch: version })
  })

export const revokeAll = (devices: readonly Device[], reason: string): Promise<BulkOutcome> =>
  toEach(devices, ({ id }) => ask('revokeDevice', { params: { id }, body: reason === '' ? {} : { reason } }))
