// Which of two spellings of one name a folder really holds, where case may or may not count (sensor-agent 6.6). Pure.
// Looking into the folder is instructions.ts.

export interface SeenName {
  readonly name: string
  /** What the file system knows the entry by; two names of one entry share it. */
  readonly entry: string
}

/** Each entry once, by the name the folder itself lists, or by the first that was seen where it lets nobody list it. */
export const listedNames = (seen: readonly SeenName[], listed: readonly string[] | null): readonly string[] => {
  const byEntry = Map.groupBy(seen, ({ entry }) => entry)
  return [...byEntry.values()].flatMap((spellings) => {
    if (listed === null) return spellings.slice(0, 1).map(({ name }) => name)
    const exact = spellings.filter(({ name }) => listed.includes(name))
    if (exact.length > 0) return exact.map(({ name }) => name)
    const folded = spellings[0]?.name.toLowerCase()
    return listed.filter((name) => name.toLowerCase() === folded).slice(0, 1)
  })
}
