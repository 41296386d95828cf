// What an operator is shown at the end, asked through the API, beside what the devices and the operator know.
// What lies in the tables is judged in verdict.ts.
import {
  deviceEvents,
  deviceInventory,
  listEnrollmentTokens,
  listGenerations,
  readDevice,
  verifyAudit,
} from '@muster/contract'
import { type Called, type Client, call } from '@muster/http/client'
import type { Crowd } from './crowd.ts'
import type { Device } from './device.ts'
import { foldStory } from './model.ts'

interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

const valueOf = <T>(called: Called<T>): T => {
  if (called.ok) return called.value
  throw new Error(`${called.refusal.code}: ${called.refusal.detail ?? ''}`)
}

/** Page by page to the end. */
export const readAll = async <Item>(
  ask: (query: { limit: string; cursor: string | undefined }) => Promise<Called<Page<Item>>>,
): Promise<readonly Item[]> => {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const page = valueOf(await ask({ limit: '200', cursor }))
    items.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return items
}

const same = (what: string, wanted: readonly string[], found: readonly string[]): readonly string[] => {
  const [left, right] = [wanted.toSorted().join('\n'), found.toSorted().join('\n')]
  return left === right ? [] : [`${what} differ:\n${left}\n-- instead of what was told, the API shows --\n${right}`]
}

const judgeDevice = async (owner: Client, device: Device, turn: number | undefined): Promise<readonly string[]> => {
  const params = { id: device.deviceId() ?? '' }
  const events = await readAll((query) => call(owner, deviceEvents, { params, query }))
  const items = await readAll((query) => call(owner, deviceInventory, { params, query }))
  const shown = valueOf(await call(owner, readDevice, { params }))
  const { intervals } = foldStory(device.sentences)
  const present = intervals.filter(({ toMs }) => toMs === null)
  return [
    ...same(
      `events of ${device.name}`,
      device.told().map(({ envelope }) => `${envelope.localSequence} ${envelope.eventId} ${envelope.payloadHash}`),
      events.map(({ localSequence, eventId, payloadHash }) => `${localSequence} ${eventId} ${payloadHash}`),
    ),
    ...same(
      `items of ${device.name}`,
      present.map(({ path, name, version }) => `${path} ${name}@${version}`),
      items.map(({ path, name, version }) => `${path} ${name}@${version}`),
    ),
    ...(turn === undefined || Number(shown.tags[0]?.replace('turn=', '')) >= turn
      ? []
      : [`${device.name} has the tags ${shown.tags.join()} and not those of turn ${turn}`]),
  ]
}

/** To be asked when every device has delivered everything. */
export const findFaultsShown = async (owner: Client, { operator, devices }: Crowd): Promise<readonly string[]> => {
  const faults: string[] = []
  for (const device of devices())
    faults.push(...(await judgeDevice(owner, device, operator.confirmed.tags.get(device.deviceId() ?? ''))))
  const tokens = await readAll((query) => call(owner, listEnrollmentTokens, { query }))
  const generations = await readAll((query) => call(owner, listGenerations, { query }))
  const audit = valueOf(await call(owner, verifyAudit, { query: {} }))
  const shown = new Set([...tokens.map(({ id }) => id), ...generations.map(({ generation }) => generation)])
  const { tokenIds, generations: published } = operator.confirmed
  const missing = [...tokenIds, ...published].filter((id) => !shown.has(id))
  return [
    ...faults,
    ...missing.map((id) => `${id} was acknowledged and is not shown`),
    ...(audit.ok ? [] : [`the audit chain breaks at ${audit.firstBadSeq}`]),
  ]
}
