// Finds the route that a request line names: exactly, behind a path prefix, or with a trailing slash.
// Sensors append their route to whatever endpoint they were given (sensor-protocol 1), hence the patience.
import type { Route } from '@muster/contract'

/** The routes of one path by method. */
export type ByMethod<Entry> = Partial<Record<string, Entry>>

export interface Found<Entry> {
  readonly entries: ByMethod<Entry>
  /** Raw path parameters, decoded; absent on paths without any. */
  readonly params: Readonly<Record<string, string>> | undefined
}

export interface RouteTable<Entry> {
  find(url: string): Found<Entry> | undefined
}

interface Pattern<Entry> {
  /** The parameters of a path, as they stand there; undefined for another path. */
  readonly read: (path: string) => Readonly<Record<string, string>> | undefined
  readonly found: ByMethod<Entry>
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`)

const decoded = (names: readonly string[], values: readonly string[]): Record<string, string> | undefined => {
  try {
    return Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(values[at] ?? '')]))
  } catch {
    return undefined // a broken percent escape names nothing
  }
}

const parameter = /\{(\w+)\}/g

/** Any number of parameters. */
const createReader = (path: string, prefix: string): Pattern<never>['read'] => {
  const names = [...path.matchAll(parameter)].map((match) => match[1]!)
  const end = path.slice(path.lastIndexOf('}') + 1)
  const source = escaped(path).replaceAll(parameter, '([^/:?]+)')
  const expression = new RegExp(`${prefix === '*' ? '' : `^${escaped(prefix)}`}${source}$`)
  return (asked) => {
    const match = asked.endsWith(end) ? expression.exec(asked) : null
    return match === null ? undefined : decoded(names, match.slice(1))
  }
}

/** What may stand in a path for a parameter without being looked at more closely; nearly every id is such a word. */
const plainWord = /^[\w-]+$/

/** One parameter, as on the busiest routes, found without a search; what is not plain is left to the other reader. */
const createQuickReader = (path: string, prefix: string): Pattern<never>['read'] => {
  const [start = '', name = '', end = ''] = path.split(/\{(\w+)\}/)
  const before = prefix === '*' ? start : `${prefix}${start}`
  const thorough = createReader(path, prefix)
  return (asked) => {
    if (!asked.endsWith(end)) return undefined
    const valueAt = asked.lastIndexOf('/', asked.length - end.length - 1) + 1
    const value = asked.slice(valueAt, asked.length - end.length)
    const startsAt = valueAt - before.length
    const isOurs = (prefix === '*' ? startsAt >= 0 : startsAt === 0) && asked.startsWith(before, startsAt)
    return isOurs && plainWord.test(value) ? { [name]: value } : thorough(asked)
  }
}

const patternOf = <Entry>(path: string, prefix: string, found: ByMethod<Entry>): Pattern<Entry> => ({
  read: path.split('{').length === 2 ? createQuickReader(path, prefix) : createReader(path, prefix),
  found,
})

/** The path without its query string and without slashes at its end. */
const bare = (url: string): string => {
  const query = url.indexOf('?')
  let end = query === -1 ? url.length : query
  while (end > 1 && url.charCodeAt(end - 1) === 47) end -= 1
  return url.slice(0, end)
}

const grouped = <Entry>(entries: Iterable<readonly [Route, Entry]>): Map<string, ByMethod<Entry>> => {
  const paths = new Map<string, ByMethod<Entry>>()
  for (const [route, entry] of entries) {
    const byMethod = paths.get(route.path) ?? (Object.create(null) as ByMethod<Entry>)
    if (byMethod[route.method] !== undefined) throw new Error(`two handlers for ${route.method} ${route.path}`)
    byMethod[route.method] = entry
    paths.set(route.path, byMethod)
  }
  return paths
}

/**
 * `prefix` is what must stand before every path; `*` lets anything stand there, which is safe because a request that
 * ends in a known route can mean nothing else.
 */
export const createRouteTable = <Entry>(
  entries: Iterable<readonly [Route, Entry]>,
  prefix: string,
): RouteTable<Entry> => {
  const exact = new Map<string, Found<Entry>>()
  const patterns: Pattern<Entry>[] = []
  for (const [path, found] of grouped(entries)) {
    if (path.includes('{')) patterns.push(patternOf(path, prefix, found))
    else exact.set(prefix === '*' ? path : `${prefix}${path}`, { entries: found, params: undefined })
  }

  const behindAnyPrefix = (path: string): Found<Entry> | undefined => {
    for (const [known, found] of exact) if (path.endsWith(known)) return found
    return undefined
  }

  const byPattern = (path: string): Found<Entry> | undefined => {
    for (const { read, found } of patterns) {
      const params = read(path)
      if (params !== undefined) return { entries: found, params }
    }
    return undefined
  }

  const findPatiently = (url: string): Found<Entry> | undefined => {
    const path = bare(url)
    const known = path === url ? undefined : exact.get(path)
    return known ?? (prefix === '*' ? behindAnyPrefix(path) : undefined) ?? byPattern(path)
  }

  // Looking up a path that is not there would read all of it first.
  const lengths = new Set(exact.keys().map((path) => path.length))
  return { find: (url) => (lengths.has(url.length) ? exact.get(url) : undefined) ?? findPatiently(url) }
}
