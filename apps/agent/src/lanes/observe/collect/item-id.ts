// The identity of an item, byte for byte as every agent of the protocol spells it (sensor-protocol 8.3).
// Backends compare it as an opaque key; paths stay native and nothing is normalised.
import { VERSIONED_SURFACES } from '@muster/contract/inventory'

export interface Named {
  readonly surface: string
  readonly kind: string
  readonly path: string
  readonly name: string
  readonly version: string | null
}

export const itemIdOf = ({ surface, kind, path, name, version }: Named): string => {
  const id = `${surface}/${kind}/${path}/${name}`
  return VERSIONED_SURFACES.has(surface) ? `${id}/${version ?? ''}` : id
}
