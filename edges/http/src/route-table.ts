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
  readonly names: readonly string[]
  /** What every such path ends in; asked first, because it is cheaper. */
  readonly end: string
  readonly expression: RegExp
  readonly found: ByMethod<Entry>
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`)

const patternOf = <Entry>(path: string, prefix: string, found: ByMethod<Entry>): Pattern<Entry> => {
  const source = escaped(path).replaceAll(/\{\w+\}/g, '([^/:?]+)')
  const start = prefix === '*' ? '' : `^${escaped(prefix)}`
  return {
    end: path.slice(path.lastIndexOf('}') + 1),
    names: [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!),
    expression: new RegExp(`${start}${source}$`),
    found,
  }
}

const decoded = (names: readonly string[], values: readonly string[]): Record<string, string> | undefined => {
  try {
    return Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(values[at] ?? '')]))
  } catch {
    return undefined // a broken percent escape names nothing
  }
}

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
    for (const { names, end, expression, found } of patterns) {
      const match = path.endsWith(end) ? expression.exec(path) : null
      if (match === null) continue
      const params = decoded(names, match.slice(1))
      return params === undefined ? undefined : { entries: found, params }
    }
    return undefined
  }

  const findPatiently = (url: string): Found<Entry> | undefined => {
    const path = bare(url)
    return exact.get(path) ?? (prefix === '*' ? behindAnyPrefix(path) : undefined) ?? byPattern(path)
  }

  return { find: (url) => exact.get(url) ?? findPatiently(url) }
}
