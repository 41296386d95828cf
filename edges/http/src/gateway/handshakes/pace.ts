// How many handshakes are under way, and whether one more may begin; told the time, and touching nothing.
// Whose they are it does not know: an ending counts for the oldest, so none can be counted for ever.

export interface PaceLimits {
  /** As many as may be under way. */
  readonly atOnce: number
  /** One that has taken so long waits for its client, not for this server, and no longer counts. */
  readonly stallMs: number
}

export interface Pace {
  begin(nowMs: number): void
  /** `isAbsent`: its client had left before it was done. */
  end(isAbsent: boolean): void
  hasRoom(nowMs: number): boolean
  /** When the oldest stops counting; undefined while none is under way. */
  roomAtMs(): number | undefined
  /** Whether many of those whose turn came had left, or said nothing. */
  hasMetAbsent(): boolean
  /** Those who come from now on are another crowd. */
  forgetAbsent(): void
}

/**
 * On a machine that is short of everything a handshake takes seconds, and to begin more would make it worse. Clients who
 * stall on purpose look the same, but others do not end meanwhile: each that stalls leaves the next less patience, five
 * that end give it back.
 */
const impatience = 0.9
const calm = 1.02
const leastPatience = 0.05

/** A few are always absent, as many as one of sixteen; so many more are not a matter of chance. */
const manyAbsent = 8
const presentForOneAbsent = 16

export const createPace = ({ atOnce, stallMs }: PaceLimits): Pace => {
  // Never longer than `atOnce`, but for callers who begin without asking.
  const begunMs: number[] = []
  let patience = 1
  let absent = 0
  const endOf = (beganMs: number): number => beganMs + stallMs * patience
  return {
    begin: (nowMs) => void begunMs.push(nowMs),
    end(isAbsent) {
      absent = isAbsent ? absent + 1 : Math.max(0, absent - 1 / presentForOneAbsent)
      begunMs.shift()
      patience = Math.min(1, patience * calm)
    },
    hasRoom(nowMs) {
      while (begunMs[0] !== undefined && endOf(begunMs[0]) <= nowMs) {
        begunMs.shift()
        absent += 1
        patience = Math.max(leastPatience, patience * impatience)
      }
      return begunMs.length < atOnce
    },
    roomAtMs: () => (begunMs[0] === undefined ? undefined : endOf(begunMs[0])),
    hasMetAbsent: () => absent >= manyAbsent,
    forgetAbsent() {
      absent = 0
    },
  }
}
