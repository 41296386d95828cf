// The facts of a heartbeat as they must look once their names are canonical, and as every reader wants to meet them.
// Missing ones and the rest of the body are decided in decide.ts (telemetry 10.1 and 10.2).
import { isIP } from 'node:net'
import { FACT_NAMES, FACTS, HEARTBEAT_ENVELOPE, NetworkInterface } from '@muster/contract/device'
import { z } from 'zod'
import { isObject, type Json } from './aliases.ts'

const { heartbeat_id: HeartbeatId, observed_at: _read, ...envelope } = HEARTBEAT_ENVELOPE

const address = z.string().refine((text) => isIP(text) !== 0)

/** As the contract has it, but for how addresses are checked: its way makes a URL of each that is not of version 4. */
const interfaces = z
  .array(NetworkInterface.extend({ ip_addresses: z.array(address).max(32) }))
  .max(64)
  .nullable()

/** Whatever is there must be right; what has to be there is asked apart, because it depends on the installation. */
export const Facts = z
  .object({ heartbeat_id: HeartbeatId, ...envelope, ...FACTS, network_interfaces: interfaces })
  .partial()
export type Facts = z.infer<typeof Facts>

const read: ReadonlySet<string> = new Set([...Object.keys(Facts.shape), 'observed_at'])

/** Whether a key of the body is read by name, and therefore no extra. */
export const isFact = (key: string): boolean => read.has(key)

/** What an agent says each time; a fact that could not be collected is there as null. */
export const REQUIRED: readonly string[] = ['agent_version', ...FACT_NAMES]

/** Names of what is not as it must be; never values. */
export const faultyFacts = (error: z.ZodError): readonly string[] => [
  ...new Set(error.issues.map(({ path }) => String(path[0]))),
]

const noMac = '00:00:00:00:00:00'

const tidyMac = (mac: unknown): unknown => {
  if (typeof mac !== 'string') return mac ?? null
  const spelt = mac.toLowerCase().replaceAll('-', ':')
  return spelt === noMac || spelt === '' ? null : spelt
}

const tidyAddress = (address: unknown): unknown =>
  typeof address === 'string' ? address.replace(/%.*$/, '').toLowerCase() : address

export const tidyInterface = (said: unknown): unknown =>
  isObject(said)
    ? {
        name: said['name'],
        mac_address: tidyMac(said['mac_address']),
        ip_addresses: Array.isArray(said['ip_addresses'])
          ? said['ip_addresses'].map(tidyAddress)
          : said['ip_addresses'],
      }
    : said

/** One spelling of addresses, whatever the system's: lower case, no zone, no MAC that is all zero. */
export const tidyBody = (body: Json): Json => {
  const interfaces = body['network_interfaces']
  return Array.isArray(interfaces) ? { ...body, network_interfaces: interfaces.map(tidyInterface) } : body
}

const byName = (left: string, right: string): number => (left < right ? -1 : Number(left > right))

/** Disks by mount, with nothing but what is known of a disk. */
export const tidyDisks = (disks: NonNullable<Facts['disks']>): NonNullable<Facts['disks']> =>
  disks.toSorted((left, right) => byName(left.mount, right.mount))

export const macAndAddresses = (interfaces: readonly NetworkInterface[]): string =>
  JSON.stringify(
    interfaces
      .map((one) => [one.name, one.mac_address, one.ip_addresses.toSorted(byName)] as const)
      .toSorted(([left], [right]) => byName(left, right)),
  )
