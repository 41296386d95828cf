// One scan at a time for each surface, and one more waiting at most, however often somebody asks (sensor-agent 14.4).
// What a scan does, and when one is worth asking for, is the engine's business.

export interface Scheduler {
  /**
   * Runs `work` for the surface now, or after the run that is on. Of several requests during a run only the newest is
   * run, once, for all who wait. Resolves when a run that began after the request has ended, or was called off.
   */
  request(surface: string, work: () => Promise<void>): Promise<void>
  /** Forgets what waits, releases whoever waits for it, and resolves when no run is on any more. */
  cancel(): Promise<void>
  /** How many requests were served by another's run. */
  coalesced(): number
}

interface Pending {
  work: () => Promise<void>
  readonly done: PromiseWithResolvers<void>
}

interface Lane {
  readonly run: Promise<void>
  pending: Pending | null
}

export const createScheduler = (onFault: (fault: unknown) => void): Scheduler => {
  const lanes = new Map<string, Lane>()
  let coalesced = 0

  const begin = (surface: string, work: () => Promise<void>): Promise<void> => {
    const run = Promise.resolve()
      .then(work)
      .catch(onFault)
      .then(() => {
        const next = lanes.get(surface)?.pending ?? null
        lanes.delete(surface)
        if (next !== null) void begin(surface, next.work).then(next.done.resolve)
      })
    lanes.set(surface, { run, pending: null })
    return run
  }

  return {
    request(surface, work) {
      const lane = lanes.get(surface)
      if (lane === undefined) return begin(surface, work)
      if (lane.pending === null) lane.pending = { work, done: Promise.withResolvers() }
      else {
        coalesced += 1
        lane.pending.work = work
      }
      return lane.pending.done.promise
    },
    async cancel() {
      for (const lane of lanes.values()) {
        lane.pending?.done.resolve()
        lane.pending = null
      }
      await Promise.all([...lanes.values()].map(({ run }) => run))
    },
    coalesced: () => coalesced,
  }
}
