// The packages an npm lockfile of version 2 or 3 pins (sensor-agent 6.7). Pure: text in, packages out.
// Finding and reading lockfiles is javascript-packages.ts.

export interface LockedPackage {
  /** The key below `node_modules/`; a nested package keeps its inner `node_modules/`. */
  readonly name: string
  readonly version: string
  readonly detail: string | null
}

export type LockfileReading =
  | {
      readonly ok: true
      readonly packages: readonly LockedPackage[]
      /** How many entries had a shape no npm writes and were passed over. */
      readonly oddEntries: number
    }
  | { readonly ok: false; readonly reason: string }

const prefix = 'node_modules/'

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// A lockfile can spell half a surrogate pair, which neither SQLite nor the wire can hold.
const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.toWellFormed() : null

const detailOf = (entry: Record<string, unknown>): string | null => {
  const resolved = textOf(entry['resolved'])
  const integrity = textOf(entry['integrity'])
  const tokens = [
    ...(resolved === null ? [] : [`resolved=${resolved}`]),
    ...(integrity === null ? [] : [`integrity=${integrity}`]),
    ...(entry['dev'] === true ? ['scope=dev'] : entry['optional'] === true ? ['scope=optional'] : []),
  ]
  return tokens.length === 0 ? null : tokens.join(' ')
}

const parse = (text: string): unknown => JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)

/** Version 1 lockfiles have no `packages` and yield nothing; linked workspaces have no version and are not packages. */
export const readNpmLockfile = (text: string): LockfileReading => {
  let document: unknown
  try {
    document = parse(text)
  } catch {
    return { ok: false, reason: 'is not JSON' }
  }
  if (!isMapping(document) || !isMapping(document['packages'])) return { ok: true, packages: [], oddEntries: 0 }
  const packages: LockedPackage[] = []
  let oddEntries = 0
  for (const [key, entry] of Object.entries(document['packages'])) {
    if (!key.startsWith(prefix)) continue
    if (!isMapping(entry)) {
      oddEntries += 1
      continue
    }
    const name = textOf(key.slice(prefix.length))
    const version = textOf(entry['version'])
    if (name !== null && version !== null) packages.push({ name, version, detail: detailOf(entry) })
  }
  return { ok: true, packages, oddEntries }
}
