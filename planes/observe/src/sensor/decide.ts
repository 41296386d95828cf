// What the server tells a sensor besides the fate of its events: whether to fetch its configuration, whether to rescan,
// and when a sensor is refusing what it was given (sensor-protocol 6.3, 18.3). What is in a bundle belongs to policy/.
import type { PolicyStatus } from '@muster/contract'

export interface SensorState {
  readonly checkedInMs: number | null
  /** What the sensor says is in force; null until its first check-in. */
  readonly reported: string | null
  readonly served: string | null
  readonly servedMs: number | null
  /** Check-ins in a row that were told of the same generation. */
  readonly hints: number
  /** Which generation those hints, and the last hint on a sync, were about. */
  readonly hinted: string | null
  readonly syncHintedMs: number | null
  /** A generation this sensor was given again and again and never took. */
  readonly refused: string | null
  readonly backlogEvents: number
  readonly backlogBytes: number
  readonly resnapshotRequested: boolean
  readonly resnapshotMs: number | null
}

export const newSensor: SensorState = {
  checkedInMs: null,
  reported: null,
  served: null,
  servedMs: null,
  hints: 0,
  hinted: null,
  syncHintedMs: null,
  refused: null,
  backlogEvents: 0,
  backlogBytes: 0,
  resnapshotRequested: false,
  resnapshotMs: null,
}

export interface Hints {
  readonly configGeneration: string
  readonly configUpdateAvailable: boolean
  readonly fullResnapshotRequested: boolean
}

export interface Hinted {
  readonly hints: Hints
  readonly state: SensorState
}

const maxHintsInARow = 5
const tenMinutesMs = 10 * 60 * 1000

/** `assigned` is the generation meant for this sensor now, or null when it is left to its own file. */
export const decideCheckIn = (
  state: SensorState,
  said: { readonly active: string; readonly backlogEvents: number; readonly backlogBytes: number },
  assigned: string | null,
  nowMs: number,
): Hinted => {
  const heard: SensorState = {
    ...state,
    checkedInMs: nowMs,
    reported: said.active,
    backlogEvents: said.backlogEvents,
    backlogBytes: said.backlogBytes,
  }
  const told = decideUpdate(heard, said.active, assigned)
  const rescan = decideRescan(told.state, nowMs)
  return {
    state: rescan.state,
    hints: {
      // A sensor takes this label for its own when no update is announced, so it must hear its own back.
      configGeneration: told.update && assigned !== null ? assigned : said.active,
      configUpdateAvailable: told.update,
      fullResnapshotRequested: rescan.requested,
    },
  }
}

const decideUpdate = (
  state: SensorState,
  active: string,
  assigned: string | null,
): { readonly update: boolean; readonly state: SensorState } => {
  if (assigned === null || active === assigned)
    return { update: false, state: { ...state, hints: 0, hinted: null, refused: null } }
  if (state.refused === assigned) return { update: false, state }
  const hints = state.hinted === assigned ? state.hints : 0
  if (hints >= maxHintsInARow) return { update: false, state: { ...state, hints: 0, hinted: null, refused: assigned } }
  return { update: true, state: { ...state, hints: hints + 1, hinted: assigned, refused: null } }
}

/** A hint to rescan is given once, and no two within ten minutes. */
const decideRescan = (
  state: SensorState,
  nowMs: number,
): { readonly requested: boolean; readonly state: SensorState } => {
  const tooSoon = state.resnapshotMs !== null && nowMs - state.resnapshotMs < tenMinutesMs
  if (!state.resnapshotRequested || tooSoon) return { requested: false, state }
  return { requested: true, state: { ...state, resnapshotRequested: false, resnapshotMs: nowMs } }
}

/**
 * Whether what is stored as asked for is still to be told: `toldMs` is when a hint was given last, as it is stored, which
 * another process may have done. Where this one did it later, that is not stored yet.
 */
export const isStillAsked = ({ resnapshotMs }: SensorState, toldMs: number | null): boolean =>
  (toldMs ?? 0) >= (resnapshotMs ?? 0)

/**
 * A sync does not say what is in force, so the best guess counts: what was served since the last check-in, else what
 * was reported. Each hint restarts the whole sensor, hence one per generation in ten minutes.
 */
export const decideSyncHints = (
  state: SensorState,
  said: { readonly backlogEvents: number; readonly backlogBytes: number },
  assigned: string | null,
  nowMs: number,
): Hinted => {
  const heard = { ...state, backlogEvents: said.backlogEvents, backlogBytes: said.backlogBytes }
  const best = bestKnown(heard)
  const hintedLately =
    heard.hinted === assigned && heard.syncHintedMs !== null && nowMs - heard.syncHintedMs < tenMinutesMs
  const update = assigned !== null && assigned !== best && assigned !== heard.refused && !hintedLately
  const told = update
    ? { ...heard, hints: heard.hinted === assigned ? heard.hints : 0, hinted: assigned, syncHintedMs: nowMs }
    : heard
  const rescan = decideRescan(told, nowMs)
  return {
    state: rescan.state,
    hints: {
      configGeneration: update ? assigned : best,
      configUpdateAvailable: update,
      fullResnapshotRequested: rescan.requested,
    },
  }
}

const bestKnown = (state: SensorState): string => {
  const servedSince = state.servedMs !== null && (state.checkedInMs === null || state.servedMs >= state.checkedInMs)
  return (servedSince ? state.served : state.reported) ?? ''
}

export const decideServed = (state: SensorState, generation: string, nowMs: number): SensorState =>
  generation === '' ? state : { ...state, served: generation, servedMs: nowMs }

/** Where a sensor stands towards the policy meant for it (fleet-product 5.3). */
export const policyStatusOf = (state: SensorState | undefined, assigned: string | null): PolicyStatus => {
  if (assigned === null) return 'local'
  if (state === undefined || state.checkedInMs === null || state.reported === null) return 'unknown'
  if (state.reported === assigned) return 'current'
  return state.refused === assigned ? 'refused' : 'pending'
}
