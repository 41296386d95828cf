// The identity of an item, byte for byte as every agent of the protocol spells it (sensor-protocol 8.3).
// Backends compare it as an opaque key; paths stay native and nothing is normalised.

export interface Named {
  readonly surface: string
  readonly kind: string
  readonly path: string
  readonly name: string
  readonly version: string | null
}

/** Surfaces on which a version is part of what an item is, so that two versions are two items. */
const versionedSurfaces: ReadonlySet<string> = new Set(['javascriptPackages', 'pythonPackages'])

export const itemIdOf = ({ surface, kind, path, name, version }: Named): string => {
  const id = `${surface}/${kind}/${path}/${name}`
  return versionedSurfaces.has(surface) ? `${id}/${version ?? ''}` : id
}
