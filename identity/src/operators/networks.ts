// Networks in CIDR notation: whether an address lies in one, and whether one lies in another.
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
