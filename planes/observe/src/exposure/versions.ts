// Whether a version is one of those asked for, by the rules of its ecosystem (fleet-product 7.9).
// A version that cannot be read matches its exact text and everything, never a range.
import type { Ecosystem } from '@muster/contract'
import * as pep440 from '@renovatebot/pep440'
import semver from 'semver'
import { type Compare, compareDebian, compareRpm } from './system-versions.ts'

interface Order {
  readonly isVersion: (text: string) => boolean
  readonly isRange: (text: string) => boolean
  readonly satisfies: (version: string, range: string) => boolean
  /** Other spellings of one version that mean the same. */
  readonly alsoSpelled?: (text: string) => string
}

const npm: Order = {
  isVersion: (text) => semver.valid(text) !== null,
  isRange: (text) => semver.validRange(text) !== null,
  satisfies: (version, range) => semver.satisfies(version, range),
}

const pypi: Order = {
  isVersion: (text) => pep440.valid(text) !== null,
  isRange: (text) => pep440.validRange(text),
  satisfies: (version, range) => pep440.satisfies(version, range),
}

const homebrewVersion = /^\d+(?:[._-][0-9A-Za-z]+)*(?:_\d+)?$/
const comparator = /^(>=|<=|>|<|=)?\s*(\S+)$/

/** Ranges of bounds, such as `>=5.6.0 <5.6.2 || 5.7`, over whatever order versions have. */
const bounded = (version: RegExp, compare: Compare): Order => ({
  isVersion: (text) => version.test(text),
  isRange: (text) => alternativesOf(text).every((all) => all.length > 0 && all.every((one) => comparator.test(one))),
  satisfies: (said, range) =>
    alternativesOf(range).some((all) => all.every((one) => satisfiesComparator(said, one, compare))),
})

const alternativesOf = (range: string): readonly (readonly string[])[] =>
  range.split('||').map((all) =>
    all
      .trim()
      .split(/[\s,]+(?=[<>=\d])/)
      .filter((one) => one !== ''),
  )

const satisfiesComparator = (version: string, said: string, compare: Compare): boolean => {
  const [, operator = '=', bound = ''] = comparator.exec(said) ?? []
  const order = compare(version, bound)
  if (operator === '>=') return order >= 0
  if (operator === '<=') return order <= 0
  if (operator === '>') return order > 0
  return operator === '<' ? order < 0 : order === 0
}

/** Dotted numeric parts, then text, then the `_n` revision suffix. */
export const compareHomebrew = (left: string, right: string): number => {
  const [leftBase = '', leftRevision = '0'] = left.split('_', 2)
  const [rightBase = '', rightRevision = '0'] = right.split('_', 2)
  const leftParts = leftBase.split(/[.-]/)
  const rightParts = rightBase.split(/[.-]/)
  for (let index = 0; index < Math.max(leftParts.length, rightParts.length); index += 1) {
    const order = compareParts(leftParts[index] ?? '0', rightParts[index] ?? '0')
    if (order !== 0) return order
  }
  return compareParts(leftRevision, rightRevision)
}

const compareParts = (left: string, right: string): number => {
  const numeric = /^\d+$/
  if (numeric.test(left) && numeric.test(right)) {
    const difference = BigInt(left) - BigInt(right)
    return difference === 0n ? 0 : difference > 0n ? 1 : -1
  }
  return left === right ? 0 : left < right ? -1 : 1
}

/** MCP servers are started by whatever their configuration says, which follows no order. */
const unordered: Order = { isVersion: () => false, isRange: () => false, satisfies: () => false }

/** Semantic versions with a `v` before them; what has no tag is a pre-release by its date. */
const golang: Order = {
  ...npm,
  satisfies: (version, range) => semver.satisfies(version, range, { includePrerelease: true }),
  alsoSpelled: (text) => (text.startsWith('v') ? text : `v${text}`),
}

const orders: Record<Ecosystem, Order> = {
  npm,
  pypi,
  homebrew: bounded(homebrewVersion, compareHomebrew),
  mcp: unordered,
  deb: bounded(/^(?:\d+:)?\d[0-9A-Za-z.+~-]*$/, compareDebian),
  rpm: bounded(/^(?:\d+:)?[0-9A-Za-z][0-9A-Za-z._+~^-]*$/, compareRpm),
  golang,
  cargo: npm,
  vscode: npm,
}

export type VersionQuery =
  | { readonly kind: 'any' }
  | { readonly kind: 'exact'; readonly versions: ReadonlySet<string> }
  | { readonly kind: 'range'; readonly range: string }

/** What a query's `versions` asks for; a text is a range unless it reads as one version. */
export const readVersions = (said: string | readonly string[] | undefined, ecosystem: Ecosystem): VersionQuery => {
  if (said === undefined) return { kind: 'any' }
  if (typeof said !== 'string') return { kind: 'exact', versions: new Set(said) }
  const text = said.trim()
  if (text === '*' || text === '') return { kind: 'any' }
  const order = orders[ecosystem]
  if (order.isVersion(text) || !order.isRange(text))
    return { kind: 'exact', versions: new Set([text, order.alsoSpelled?.(text) ?? text]) }
  return { kind: 'range', range: text }
}

export const matchesVersion = (version: string, query: VersionQuery, ecosystem: Ecosystem): boolean => {
  if (query.kind === 'any') return true
  if (query.kind === 'exact') return query.versions.has(version)
  const order = orders[ecosystem]
  return order.isVersion(version) && order.satisfies(version, query.range)
}

export const isUnparsed = (version: string, ecosystem: Ecosystem): boolean =>
  version !== '' && ecosystem !== 'mcp' && !orders[ecosystem].isVersion(version)
