// Where a key leads in a long list; pure.
// Moving there, and what opening and choosing mean, is rows.tsx.

const pageRows = 15

/** The row to go to from `at`, or null when the key does not move. */
export const movedTo = (key: string, at: number, count: number): number | null => {
  const last = Math.max(0, count - 1)
  const within = (to: number): number => Math.min(last, Math.max(0, to))
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return within(at + 1)
    case 'ArrowUp':
    case 'k':
      return within(at - 1)
    case 'PageDown':
      return within(at + pageRows)
    case 'PageUp':
      return within(at - pageRows)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return null
  }
}
