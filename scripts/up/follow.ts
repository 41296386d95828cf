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

// A surface is there with its first batch, others may still be on their way: the agent says how much is left.
const hasArrived = ({ backlog, coverage }: Device): boolean =>
  backlog.events === 0 && coverage.length > 0 && coverage.every(({ baselineAt }) => baselineAt !== null)

interface Counted {
  readonly bySurface: ReadonlyMap<string, number>
  /** There is more than was counted. */
  readonly isCut: boolean
}

const countItems = async (client: Client, id: string): Promise<Counted> => {
  const bySurface = new Map<string, number>()
  let cursor: string | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const asked = { params: { id }, query: { limit: '200', cursor } }
    const inventory = expectValue('count what was found', await call(client, deviceInventory, asked))
    for (const { surface } of inventory.items) bySurface.set(surface, (bySurface.get(surface) ?? 0) + 1)
    if (inventory.nextCursor === null) return { bySurface, isCut: false }
    cursor = inventory.nextCursor
  }
  return { bySurface, isCut: true }
}

/** How much was found, where, and how to list it. */
const describeFound = ({ bySurface, isCut }: Counted, id: string): readonly string[] => {
  const most = [...bySurface].toSorted(([, left], [, right]) => right - left)
  const all = most.reduce((sum, [, items]) => sum + items, 0)
  return [
    `  ${count(all, 'item', isCut)} found on it: npx muster inventory ${id}`,
    ...most.map(([surface, items]) => `    ${count(items, 'item').padStart(12)}  --surface ${surface}`),
  ]
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
  for (const line of describeFound(await countItems(client, device.id), device.id)) listener.say(line)
}
