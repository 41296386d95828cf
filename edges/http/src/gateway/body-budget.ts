// How many bytes of unanswered bodies the whole gateway holds in memory.
// One body's own limit is its route's; this bounds what many large ones can do together.

export interface BodyBudget {
  /** False when the bytes do not fit; then nothing was taken. */
  take(byteCount: number): boolean
  giveBack(byteCount: number): void
}

export const createBodyBudget = (limitBytes: number): BodyBudget => {
  let heldBytes = 0
  return {
    take(byteCount) {
      if (heldBytes + byteCount > limitBytes) return false
      heldBytes += byteCount
      return true
    },
    giveBack(byteCount) {
      heldBytes -= byteCount
    },
  }
}
