// Which known word was probably meant by a mistyped one.
// Whether to suggest it at all is decided here too: only when it is close.

const distance = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (const [i, from] of Array.from(left).entries()) {
    const next = [i + 1]
    for (const [j, to] of Array.from(right).entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (from === to ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** The closest of the known words, or null when none is within a third of the word's length. */
export const nearest = (word: string, known: readonly string[]): string | null => {
  let best: string | null = null
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  if (word.length > 64) return null
  for (const candidate of known) {
    const between = distance(word.toLowerCase(), candidate.toLowerCase())
    if (between < bestDistance) {
      best = candidate
      bestDistance = between
    }
  }
  return best
}
