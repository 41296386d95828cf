// What a reader of package files hands back: the packages a text names, or why it could not be read.
// Each format has a reader of its own; turning packages into items is gathering.ts.

export interface ReadPackage {
  readonly name: string
  /** Null where the file declares none. */
  readonly version: string | null
  /** Tokens such as `resolved=…` and `integrity=…`, in that order (sensor-agent 6.7). */
  readonly detail: string | null
}

export type PackageReading =
  | {
      readonly ok: true
      readonly packages: readonly ReadPackage[]
      /** How many entries had a shape that no tool writes and were passed over. */
      readonly oddEntries: number
    }
  | { readonly ok: false; readonly reason: string }

/** Pure: never throws, whatever the text. */
export type PackageReader = (text: string) => PackageReading

export const nothingRead: PackageReading = { ok: true, packages: [], oddEntries: 0 }

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// A file can spell half a surrogate pair, which neither SQLite nor the wire can hold.
export const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.toWellFormed() : null

export const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text)

/** The tokens that are known, in the order given; null when none is. */
export const tokens = (said: Readonly<Record<string, string | null>>): string | null => {
  const known = Object.entries(said).filter(([, value]) => value !== null)
  return known.length === 0 ? null : known.map(([key, value]) => `${key}=${value}`).join(' ')
}

/** The lines of a text without their ends, one at a time, so that a large file is not held twice. */
export function* linesOf(text: string): Generator<string> {
  let from = 0
  while (from <= text.length) {
    const end = text.indexOf('\n', from)
    const until = end < 0 ? text.length : end
    yield text.slice(from, until > from && text.charCodeAt(until - 1) === 13 ? until - 1 : until)
    if (end < 0) return
    from = end + 1
  }
}
