// Item ids taken apart and put together again: the path out, what machines share in (sensor-protocol 8.3).
// Numbers for the parts are names.ts.

/** What an item id says beyond the path: the part that machines share. `=` marks an id not made the usual way. */
export const labelOf = (surface: string, kind: string, path: string, itemId: string): string => {
  const prefix = `${surface}/${kind}/${path}/`
  return itemId.startsWith(prefix) ? `${surface}/${kind}/${itemId.slice(prefix.length)}` : `=${itemId}`
}

/** The item id again. */
export const itemIdOf = (label: string, path: string): string => {
  if (label.startsWith('=')) return label.slice(1)
  const afterKind = label.indexOf('/', label.indexOf('/') + 1)
  return `${label.slice(0, afterKind)}/${path}${label.slice(afterKind)}`
}
