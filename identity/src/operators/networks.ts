// Networks in CIDR notation: whether an address lies in one, whether one lies in another, and which one stands for a place.
// An IPv4 address is the same address when it comes as an IPv4-mapped IPv6 one, as it does on a dual-stack socket.
import { BlockList, isIPv4, isIPv6 } from 'node:net'

export interface Networks {
  holds(address: string): boolean
}

interface Network {
  readonly address: string
  readonly bits: number
  readonly family: 'ipv4' | 'ipv6'
}

const networkOf = (cidr: string): Network => {
  const [address = '', bits = ''] = cidr.split('/')
  return { address, bits: Number(bits), family: isIPv4(address) ? 'ipv4' : 'ipv6' }
}

/** Eight groups; takes a well-formed IPv6 address without a zone. */
const groupsOf = (address: string): readonly string[] => {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')))
  const left = before ?? []
  const right = after ?? []
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
}

/** An IPv4 address in the last two groups of an IPv4-mapped one. */
const dotted = (groups: readonly string[]): string =>
  groups.map((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255].join('.')).join('.')

/**
 * What of an address says where somebody is: of IPv4 all of it, of IPv6 the network of 64 bits, because hosts change the
 * rest of theirs by themselves (RFC 8981). Null for what is no address.
 */
export const placeOf = (address: string): string | null => {
  const [bare = ''] = address.split('%')
  if (isIPv4(bare)) return bare
  if (!isIPv6(bare)) return null
  const groups = groupsOf(bare)
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') return dotted(groups.slice(6))
  return `${groups.slice(0, 4).join(':')}::/64`
}

/** Takes what the contract lets through, which is well-formed. */
export const createNetworks = (cidrs: readonly string[]): Networks => {
  const list = new BlockList()
  for (const { address, bits, family } of cidrs.map(networkOf)) list.addSubnet(address, bits, family)
  return {
    holds(address) {
      const [bare = ''] = address.split('%')
      if (isIPv4(bare)) return list.check(bare, 'ipv4')
      return isIPv6(bare) && list.check(bare, 'ipv6')
    },
  }
}

/** Whether every address of each of these lies in one of those. */
export const liesWithin = (cidrs: readonly string[], outer: readonly string[]): boolean =>
  cidrs
    .map(networkOf)
    .every((inner) =>
      outer
        .filter((cidr) => networkOf(cidr).family === inner.family && networkOf(cidr).bits <= inner.bits)
        .some((cidr) => createNetworks([cidr]).holds(inner.address)),
    )
