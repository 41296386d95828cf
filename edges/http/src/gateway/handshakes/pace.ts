// How many handshakes are under way, and whether one more may begin. Pure but for what it remembers.
// Whose they are it does not know: an ending counts for the oldest, so none can be counted for ever.

export interface PaceLimits {
  /** As many as may be under way. */
  readonly atOnce: number
  /** One that has taken so long waits for its client, not for this server, and no longer counts. */
  readonly stallMs: number
}

export interface Pace {
  begin(nowMs: number): void
  end(): void
  hasRoom(nowMs: number): boolean
  /** When the oldest stops counting; undefined while none is under way. */
  roomAtMs(): number | undefined
}

export const createPace = ({ atOnce, stallMs }: PaceLimits): Pace => {
  // Never longer than `atOnce`, but for callers who begin without asking.
  const begunMs: number[] = []
  return {
    begin: (nowMs) => void begunMs.push(nowMs),
    end: () => void begunMs.shift(),
    hasRoom(nowMs) {
      while (begunMs[0] !== undefined && begunMs[0] + stallMs <= nowMs) begunMs.shift()
      return begunMs.length < atOnce
    },
    roomAtMs: () => (begunMs[0] === undefined ? undefined : begunMs[0] + stallMs),
  }
}
