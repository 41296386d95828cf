// The addresses of this machine's interfaces as Node knows them, grouped by interface.
// Interfaces without an address are not in them; each system's own file adds those.
import { networkInterfaces } from 'node:os'
import type { NetworkInterface } from './facts.ts'
import { macOf } from './shape.ts'

export const addressedInterfaces = (): readonly NetworkInterface[] =>
  Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.every(({ internal }) => internal)
      ? []
      : [
          {
            name,
            mac_address: macOf(addresses[0]?.mac),
            ip_addresses: addresses.map(({ address }) => address),
          },
        ],
  )
