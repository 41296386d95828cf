// Follows a device through the fleet API until it is there and its first scan has arrived, and says both.
// It only reads.
import { setTimeout as wait } from 'node:timers/promises'
import { type Device, deviceInventory, listDevices } from '@muster/contract'
import { type Client, call } from '@muster/http'
import { expectValue } from './fleet.ts'
import { count } from './words.ts'

interface Listener {
  readonly say: (text: string) => void
  readonly isOver: () => boolean
}

const pollMs = 500
const mostPages = 100

/** Asks until there is an answer other than null, or nobody waits any more. */
const poll = async <T>(listener: Listener, ask: () => Promise<T | null>): Promise<T | null> => {
  while (!listener.isOver()) {
    const answer = await ask()
    if (answer !== null) return answer
    await wait(pollMs)
  }
  return null
}

const findDevice = async (client: Client, enrollmentTokenId: string): Promise<Device | null> => {
  const devices = expectValue(
    'look for this computer',
    await call(client, listDevices, { query: { enrollmentTokenId } }),
  )
  return devices.items[0] ?? null
}

const hasArrived = (device: Device): boolean =>
  device.coverage.length > 0 && device.coverage.every(({ baselineAt }) => baselineAt !== null)

const countItems = async (client: Client, id: string): Promise<string> => {
  let items = 0
  let cursor: string | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const asked = { params: { id }, query: { limit: '200', cursor } }
    const inventory = expectValue('count packages', await call(client, deviceInventory, asked))
    items += inventory.items.length
    if (inventory.nextCursor === null) return count(items, 'package')
    cursor = inventory.nextCursor
  }
  return count(items, 'package', true)
}

/** Says when the device that came with this token is enrolled, and how much its first complete scan found. */
export const followDevice = async (client: Client, tokenId: string, listener: Listener): Promise<void> => {
  const device = await poll(listener, () => findDevice(client, tokenId))
  if (device === null) return
  listener.say(`  This computer is enrolled as ${device.hostname} (${device.id}).`)
  const scanned = await poll(listener, async () => {
    const now = await findDevice(client, tokenId)
    return now !== null && hasArrived(now) ? now : null
  })
  if (scanned === null) return
  listener.say(`  ${await countItems(client, device.id)} found in its lock files: npx muster inventory ${device.id}`)
}
