// What agents of other makers call the facts of a heartbeat, turned into our names before anything else looks (telemetry 10.3).
// Whether a value is any good is decided afterwards, in decide.ts.
import { DISK_ALIASES, HEARTBEAT_ALIASES, INTERFACE_ALIASES, OS_FAMILY_ALIASES } from '@muster/contract/device'

export type Json = Readonly<Record<string, unknown>>

/** Answers the canonical value, or undefined when this cannot be what the canonical name means. */
type Read = (value: unknown) => unknown

const text: Read = (value) => (typeof value === 'string' || value === null ? value : undefined)
const number: Read = (value) => (typeof value === 'number' || value === null ? value : undefined)
const integer: Read = (value) => (Number.isInteger(value) || value === null ? value : undefined)
const list: Read = (value) => (Array.isArray(value) || value === null ? value : undefined)

const system: Read = (value) => (typeof value === 'string' ? (OS_FAMILY_ALIASES[value] ?? value) : undefined)

const withoutPrefixLength = (address: unknown): unknown =>
  typeof address === 'string' && address.includes('/') ? address.slice(0, address.indexOf('/')) : address

const addresses: Read = (value) => (Array.isArray(value) ? value.map(withoutPrefixLength) : undefined)

/** What a value under another name must be to mean the same; numbers unless listed. */
const reads: Readonly<Record<string, Read>> = {
  os_family: system,
  os_version: text,
  disks: list,
  network_interfaces: list,
  process_count: integer,
  observed_at: text,
  mount: text,
  mac_address: text,
  ip_addresses: addresses,
}

interface Alias {
  readonly name: string
  readonly from: readonly string[]
  readonly read: Read
}

const aliasesOf = (table: Readonly<Record<string, readonly string[]>>): readonly Alias[] =>
  Object.entries(table).map(([name, from]) => ({ name, from, read: reads[name] ?? number }))

const facts = aliasesOf(HEARTBEAT_ALIASES)
const ofDisk = aliasesOf(DISK_ALIASES)
const ofInterface = aliasesOf(INTERFACE_ALIASES)

/** The members under their canonical names; a name that is there already is left alone, and so are its aliases. */
const rename = (said: Json, aliases: readonly Alias[]): Json => {
  let renamed: Record<string, unknown> | undefined
  for (const { name, from, read } of aliases) {
    if (Object.hasOwn(said, name)) continue
    const alias = from.find((one) => Object.hasOwn(said, one) && read(said[one]) !== undefined)
    if (alias === undefined) continue
    renamed ??= { ...said }
    renamed[name] = read(said[alias])
    delete renamed[alias]
  }
  return renamed ?? said
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const renameEach = (value: unknown, aliases: readonly Alias[]): unknown =>
  Array.isArray(value) ? value.map((item) => (isObject(item) ? rename(item, aliases) : item)) : value

/** The body with canonical names, inside its lists too; the argument stays as it is. */
export const canonicalBody = (said: Json): Json => {
  const renamed = rename(said, facts)
  const { disks, network_interfaces: interfaces } = renamed
  return {
    ...renamed,
    ...(disks === undefined ? {} : { disks: renameEach(disks, ofDisk) }),
    ...(interfaces === undefined ? {} : { network_interfaces: renameEach(interfaces, ofInterface) }),
  }
}
