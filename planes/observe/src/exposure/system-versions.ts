// How the package managers of Linux systems order versions: Debian's dpkg, and RPM. Pure.
// Which ecosystem goes by which order is versions.ts.

/** The order of two versions: below zero, zero or above, as sorting wants it. */
export type Compare = (left: string, right: string) => number

const compareNumbers: Compare = (left, right) => {
  const [shorter, longer] = [left, right].map((digits) => digits.replace(/^0+/, ''))
  if (shorter === undefined || longer === undefined) return 0
  if (shorter.length !== longer.length) return shorter.length - longer.length
  return shorter === longer ? 0 : shorter < longer ? -1 : 1
}

/** A tilde is before everything, even the end; letters are before all other signs. */
const weightOf = (sign: string | undefined): number => {
  if (sign === undefined) return 0
  if (sign === '~') return -1
  return /[A-Za-z]/.test(sign) ? sign.charCodeAt(0) : sign.charCodeAt(0) + 256
}

const compareSigns: Compare = (left, right) => {
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const order = weightOf(left[at]) - weightOf(right[at])
    if (order !== 0) return order
  }
  return 0
}

/** Signs and digits in turn, beginning with signs, of which there may be none. */
const piecesOf = (text: string): readonly string[] => text.split(/(\d+)/)

const compareDebianPart: Compare = (left, right) => {
  const [ours, theirs] = [piecesOf(left), piecesOf(right)]
  for (let at = 0; at < Math.max(ours.length, theirs.length); at++) {
    const compare = at % 2 === 0 ? compareSigns : compareNumbers
    const order = compare(ours[at] ?? '', theirs[at] ?? '')
    if (order !== 0) return order
  }
  return 0
}

interface Parts {
  readonly epoch: string
  readonly upstream: string
  readonly revision: string
}

const partsOf = (version: string): Parts => {
  const colon = version.indexOf(':')
  const rest = version.slice(colon + 1)
  const dash = rest.lastIndexOf('-')
  return {
    epoch: colon < 0 ? '0' : version.slice(0, colon),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  }
}

/** `epoch:upstream-revision`; without a revision it is the zeroth. */
export const compareDebian: Compare = (left, right) => {
  const [ours, theirs] = [partsOf(left), partsOf(right)]
  return (
    compareNumbers(ours.epoch, theirs.epoch) ||
    compareDebianPart(ours.upstream, theirs.upstream) ||
    compareDebianPart(ours.revision || '0', theirs.revision || '0')
  )
}

const isNumber = (segment: string): boolean => /^\d/.test(segment)

/** A tilde is before the end, a caret after it but before anything more. */
const compareSegments = (left: string | undefined, right: string | undefined): number => {
  if (left === right) return 0
  if (left === '~') return -1
  if (right === '~') return 1
  if (left === undefined) return -1
  if (right === undefined) return 1
  if (left === '^') return -1
  if (right === '^') return 1
  if (isNumber(left) !== isNumber(right)) return isNumber(left) ? 1 : -1
  return isNumber(left) ? compareNumbers(left, right) : left < right ? -1 : 1
}

const compareRpmPart: Compare = (left, right) => {
  const [ours, theirs] = [left, right].map((text) => text.match(/\d+|[A-Za-z]+|[~^]/g) ?? [])
  for (let at = 0; at < Math.max(ours?.length ?? 0, theirs?.length ?? 0); at++) {
    const order = compareSegments(ours?.[at], theirs?.[at])
    if (order !== 0) return order
  }
  return 0
}

/** `epoch:version-release`; a side that names no release is equal to every release. */
export const compareRpm: Compare = (left, right) => {
  const [ours, theirs] = [partsOf(left), partsOf(right)]
  const order = compareNumbers(ours.epoch, theirs.epoch) || compareRpmPart(ours.upstream, theirs.upstream)
  return order !== 0 || ours.revision === '' || theirs.revision === ''
    ? order
    : compareRpmPart(ours.revision, theirs.revision)
}
