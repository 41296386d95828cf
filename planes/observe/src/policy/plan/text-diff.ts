// Two texts as a unified diff, line by line. Pure.
// What the lines mean is decide.ts.

interface Edit {
  readonly sign: ' ' | '-' | '+'
  readonly line: string
}

const contextLines = 3

/** Above so many pairs of lines that may differ, all of them count as replaced: longer searches hold up everybody. */
const mostPairs = 4_000_000

const linesOf = (text: string): readonly string[] => {
  if (text === '') return []
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

const signed = (sign: Edit['sign'], lines: readonly string[]): readonly Edit[] => lines.map((line) => ({ sign, line }))

/** How long the longest common run of lines is from each pair of positions to the ends. */
const commonLengths = (left: readonly string[], right: readonly string[]): Uint32Array => {
  const width = right.length + 1
  const lengths = new Uint32Array((left.length + 1) * width)
  for (let at = left.length - 1; at >= 0; at--)
    for (let other = right.length - 1; other >= 0; other--)
      lengths[at * width + other] =
        left[at] === right[other]
          ? (lengths[(at + 1) * width + other + 1] ?? 0) + 1
          : Math.max(lengths[(at + 1) * width + other] ?? 0, lengths[at * width + other + 1] ?? 0)
  return lengths
}

const alignLines = (left: readonly string[], right: readonly string[]): readonly Edit[] => {
  if (left.length * right.length > mostPairs) return [...signed('-', left), ...signed('+', right)]
  const width = right.length + 1
  const lengths = commonLengths(left, right)
  const edits: Edit[] = []
  let [at, other] = [0, 0]
  while (at < left.length && other < right.length) {
    const [before = '', after = ''] = [left[at], right[other]]
    if (before === after) {
      edits.push({ sign: ' ', line: before })
      at += 1
      other += 1
    } else if ((lengths[(at + 1) * width + other] ?? 0) >= (lengths[at * width + other + 1] ?? 0)) {
      edits.push({ sign: '-', line: before })
      at += 1
    } else {
      edits.push({ sign: '+', line: after })
      other += 1
    }
  }
  return [...edits, ...signed('-', left.slice(at)), ...signed('+', right.slice(other))]
}

const editsOf = (left: readonly string[], right: readonly string[]): readonly Edit[] => {
  const shorter = Math.min(left.length, right.length)
  let head = 0
  while (head < shorter && left[head] === right[head]) head += 1
  let tail = 0
  while (tail < shorter - head && left.at(-1 - tail) === right.at(-1 - tail)) tail += 1
  return [
    ...signed(' ', left.slice(0, head)),
    ...alignLines(left.slice(head, left.length - tail), right.slice(head, right.length - tail)),
    ...signed(' ', left.slice(left.length - tail)),
  ]
}

/** Where the hunks are, as positions among the edits: changes with what stands around them, joined where they touch. */
const hunksOf = (edits: readonly Edit[]): readonly (readonly [from: number, to: number])[] => {
  const hunks: [number, number][] = []
  for (const [at, { sign }] of edits.entries()) {
    if (sign === ' ') continue
    const [from, to] = [Math.max(0, at - contextLines), Math.min(edits.length, at + contextLines + 1)]
    const last = hunks.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = to
    else hunks.push([from, to])
  }
  return hunks
}

const isOf = (side: '-' | '+') => (edit: Edit) => edit.sign === ' ' || edit.sign === side

/** As diff tools write it: a side without lines is at the line before. */
const spanOf = (edits: readonly Edit[], from: number, to: number, side: '-' | '+'): string => {
  const above = edits.slice(0, from).filter(isOf(side)).length
  const count = edits.slice(from, to).filter(isOf(side)).length
  return `${count === 0 ? above : above + 1},${count}`
}

/** Empty when the lines are the same; a missing newline at the end is no difference. */
export const unifiedDiff = (before: string, after: string): string => {
  const edits = editsOf(linesOf(before), linesOf(after))
  const hunks = hunksOf(edits).map(([from, to]) => {
    const lines = edits.slice(from, to).map(({ sign, line }) => `${sign}${line}\n`)
    return `@@ -${spanOf(edits, from, to, '-')} +${spanOf(edits, from, to, '+')} @@\n${lines.join('')}`
  })
  return hunks.length === 0 ? '' : `--- published\n+++ planned\n${hunks.join('')}`
}
