// The five verdicts of a search, and what the answer cannot know (fleet-product 10.5).
// Which intervals matched is loaded elsewhere.
import type { Ecosystem, SearchHit, SearchVerdict } from '@muster/contract'
import { VERDICTS } from '@muster/contract'
import type { DeviceLife, RollEntry } from '@muster/identity'
import { toIso } from '@muster/kernel'

export interface Window {
  readonly fromMs: number
  readonly toMs: number
}

/** Whether a device matched, and whether some matching interval is still open. */
export interface Match {
  readonly open: boolean
}

/** How far the surfaces that could hold the answer were seen. */
export interface Seen {
  readonly extent: 'none' | 'partial' | 'complete'
  /** When the first scan of them was; what went before it was never seen. */
  readonly sinceMs: number
}

export const NEVER_SEEN: Seen = { extent: 'none', sinceMs: 0 }

export interface Judged {
  readonly verdict: SearchVerdict
  readonly unknownReason: SearchHit['unknownReason']
}

const dayMs = 24 * 3600 * 1000

/** The device itself, and those merged into it, as far as they can have seen anything of the window. */
const livesWithin = (device: RollEntry, window: Window | undefined): readonly DeviceLife[] => {
  if (window === undefined || device.former.length === 0) return [device]
  const touching = [device, ...device.former].filter(
    ({ enrolledMs, lastContactMs }) => enrolledMs <= window.toMs && (lastContactMs ?? enrolledMs) >= window.fromMs,
  )
  return touching.length === 0 ? [device] : touching
}

const extents = ['none', 'partial', 'complete'] as const

/** Of several lives the one that saw least limits what can be said; what any of them saw first was seen. */
const seenTogether = (seen: readonly Seen[]): Seen => ({
  extent: extents.find((extent) => seen.some((one) => one.extent === extent)) ?? 'none',
  sinceMs: Math.min(...seen.map(({ sinceMs }) => sinceMs)),
})

/** `window` undefined asks about now. */
export const judgeDevice = (
  device: RollEntry,
  match: Match | undefined,
  seenOf: (deviceNo: number) => Seen,
  window: Window | undefined,
  nowMs: number,
): Judged => {
  const heardLately = device.lastContactMs !== null && nowMs - device.lastContactMs <= dayMs
  if (match !== undefined) {
    if (!match.open) return known('past')
    return known(heardLately ? 'present' : 'present_unconfirmed')
  }
  const lives = livesWithin(device, window)
  const seen = seenTogether(lives.map(({ deviceNo }) => seenOf(deviceNo)))
  if (seen.extent === 'none') return unknown('surface_none')
  if (seen.extent === 'partial') return unknown('surface_partial')
  if (window !== undefined && lives.every(({ enrolledMs }) => enrolledMs > window.fromMs))
    return unknown('enrolled_after_window')
  if (window !== undefined && seen.sinceMs > window.fromMs) return unknown('scanned_after_window')
  const coversWindow = window !== undefined && lives.some(({ lastContactMs }) => (lastContactMs ?? 0) >= window.toMs)
  return heardLately || coversWindow ? known('not_observed') : unknown('no_contact_in_window')
}

const known = (verdict: SearchVerdict): Judged => ({ verdict, unknownReason: null })
const unknown = (reason: NonNullable<SearchHit['unknownReason']>): Judged => ({
  verdict: 'unknown',
  unknownReason: reason,
})

export const countVerdicts = (judged: Iterable<Judged>): Record<SearchVerdict, number> => {
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<SearchVerdict, number>
  for (const { verdict } of judged) counts[verdict] += 1
  return counts
}

export const MATCHED_VERDICTS: readonly SearchVerdict[] = ['present', 'present_unconfirmed', 'past']

const agentSurfaces = ['claudeConfig', 'codexConfig', 'piConfig', 'cursorConfig', 'opencodeConfig']

/** Surfaces on which an ecosystem's packages would have shown. */
export const SURFACES_OF: Readonly<Record<Ecosystem, readonly string[]>> = {
  npm: ['javascriptPackages'],
  pypi: ['pythonPackages'],
  homebrew: ['homebrew'],
  mcp: agentSurfaces,
  deb: ['debianPackages'],
  rpm: ['rpmPackages'],
  golang: ['goModules'],
  cargo: ['cargoPackages'],
  vscode: ['vscodeExtensions'],
}

const lockfileNote =
  'Read from lockfiles under the configured project roots only: global installs and runner caches leave none there.'
const ownNote =
  'Packages of Debian, RPM, Go and Cargo, and extensions of editors, are told by agents that call themselves muster-agent only.'

const notesOf: Readonly<Record<Ecosystem, readonly string[]>> = {
  npm: [lockfileNote],
  pypi: [lockfileNote],
  homebrew: [],
  mcp: ['Read from the configuration files of known coding agents; a server started by hand leaves no trace there.'],
  deb: [ownNote],
  rpm: [ownNote],
  golang: [lockfileNote, ownNote],
  cargo: [lockfileNote, ownNote],
  vscode: [ownNote],
}

/** Packages that went before that moment are forgotten, so a clean answer about earlier times is worth less. */
const beyondNote = (window: Window | undefined, keptFromMs: number): readonly string[] =>
  window === undefined || window.fromMs >= keptFromMs
    ? []
    : [`The window reaches back beyond what is kept: what went before ${toIso(keptFromMs)} is no longer known.`]

export const notesFor = (
  ecosystems: readonly Ecosystem[],
  window: Window | undefined,
  keptFromMs: number,
): string[] => [
  ...new Set([
    'Times are when the sensor observed something, not when it was installed; first scans mean "at or before".',
    ...ecosystems.flatMap((ecosystem) => notesOf[ecosystem]),
    ...beyondNote(window, keptFromMs),
  ]),
]
