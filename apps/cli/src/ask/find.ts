// Things by the names people use for them: an id, a unique name, or the beginning of an id that only one has.
// A name that fits several ends the run and lists them.
import { type Device, fleetRoutes, type Group, type Policy } from '@muster/contract'
import { allOf, type Talk } from '../connect/talk.ts'
import { printable } from '../show/text.ts'
import { EXIT, Stop, stopOf } from '../stop.ts'

interface Named {
  readonly id: string
}

/** The only one of these; ends the run when there is none or more than one. */
const onlyOne = <Item extends Named>(
  noun: string,
  text: string,
  found: readonly Item[],
  tellApart: (item: Item) => string,
): Item => {
  const [first, ...others] = found
  const shown = printable(text)
  if (first === undefined)
    throw new Stop(EXIT.notFound, `there is no ${noun} "${shown}"; \`muster ${noun} list\` shows those there are`)
  if (others.length === 0) return first
  const some = found.slice(0, 5).map((item) => printable(tellApart(item)))
  throw new Stop(EXIT.usage, `"${shown}" fits ${found.length} ${noun}s, say which by its id: ${some.join(', ')}`)
}

const same = (left: string | null, right: string): boolean => left?.toLowerCase() === right.toLowerCase()

const isDeviceId = (text: string): boolean => text.startsWith('dev_')

const devicesLike = async (talk: Talk, text: string, status?: Device['status']): Promise<readonly Device[]> => {
  const filter = {
    ...(isDeviceId(text) ? {} : { name: text.slice(0, 128) }),
    ...(status === undefined ? {} : { status }),
  }
  const devices = await allOf((wish) => talk.get(fleetRoutes.listDevices, { query: { ...filter, ...wish } }))
  return isDeviceId(text)
    ? devices.filter(({ id }) => id.startsWith(text))
    : devices.filter(({ hostname, displayName }) => same(hostname, text) || same(displayName, text))
}

/** Retired and merged devices are found too, when no other has that name. */
export const findDevice = async (talk: Talk, text: string): Promise<Device> => {
  if (isDeviceId(text) && text.length <= 128) {
    const reply = await talk.ask(fleetRoutes.readDevice, { params: { id: text } })
    if (reply.ok) return reply.value
    if (reply.refusal.code !== 'not_found') throw stopOf(reply.refusal)
  }
  for (const status of [undefined, 'revoked', 'retired', 'merged'] as const) {
    const found = await devicesLike(talk, text, status)
    if (found.length > 0) return onlyOne('device', text, found, ({ id, hostname }) => `${id} (${hostname})`)
  }
  return onlyOne('device', text, [], ({ id }) => id)
}

const findByName = <Item extends Named & { readonly name: string }>(
  noun: string,
  text: string,
  items: readonly Item[],
): Item => {
  const byId = items.filter(({ id }) => id === text)
  const byName = items.filter(({ name }) => name === text)
  const byStart = items.filter(({ id }) => text.length > 4 && id.startsWith(text))
  const found = [byId, byName, byStart].find((some) => some.length > 0) ?? []
  return onlyOne(noun, text, found, ({ id, name }) => `${id} (${name})`)
}

export const findGroup = async (talk: Talk, text: string): Promise<Group> =>
  findByName('group', text, await allOf((wish) => talk.get(fleetRoutes.listGroups, { query: wish })))

export const findPolicy = async (talk: Talk, text: string): Promise<Policy> => {
  if (text !== '' && text.length <= 128) {
    const reply = await talk.ask(fleetRoutes.readPolicy, { params: { id: text } })
    if (reply.ok) return reply.value
    if (reply.refusal.code !== 'not_found') throw stopOf(reply.refusal)
  }
  const policies = await allOf((wish) => talk.get(fleetRoutes.listPolicies, { query: wish }))
  return findByName('policy', text, policies)
}
