// How much of a surface the server has seen: nothing, changes only, or a first scan and what came after.
// Device clocks and liveness are others' business; see fleet-product 5.4 and sensor-protocol 16.3.
import { type Coverage as CoverageState, type EventKind, STALE_AFTER_MS, type SurfaceCoverage } from '@muster/contract'
import type { Scanned } from '@muster/identity'

/** What was received of one surface of one device. */
export interface SurfaceRecord {
  /** The earliest collection among its inventory events. */
  readonly firstCollectedMs: number
  /** Whether that earliest collection was a first scan. */
  readonly baseline: boolean
  readonly lastEventMs: number
}

export interface SurfaceEvent {
  readonly kind: EventKind
  readonly observedMs: number
  readonly collectedMs: number
}

/** First scans stamp every item as added at the moment the scan ended (sensor-protocol 8). */
export const isBaselineLike = ({ kind, observedMs, collectedMs }: SurfaceEvent): boolean =>
  kind === 'added' && observedMs === collectedMs

/** The record with one more inventory event, whatever the order in which events arrive. */
export const extendRecord = (
  record: SurfaceRecord | undefined,
  event: SurfaceEvent,
  receivedMs: number,
): SurfaceRecord => {
  const baseline = isBaselineLike(event)
  if (record === undefined || event.collectedMs < record.firstCollectedMs)
    return { firstCollectedMs: event.collectedMs, baseline, lastEventMs: receivedMs }
  const isBaseline = record.baseline || (baseline && event.collectedMs === record.firstCollectedMs)
  if (isBaseline === record.baseline && record.lastEventMs === receivedMs) return record
  return { firstCollectedMs: record.firstCollectedMs, baseline: isBaseline, lastEventMs: receivedMs }
}

export const isHeardLately = (lastContactMs: number | null, nowMs: number): boolean =>
  lastContactMs !== null && nowMs - lastContactMs <= STALE_AFTER_MS

export const coverageOf = (
  record: SurfaceRecord | undefined,
  lastContactMs: number | null,
  nowMs: number,
): CoverageState => {
  if (record === undefined) return 'none'
  if (!record.baseline) return 'partial'
  return isHeardLately(lastContactMs, nowMs) ? 'complete' : 'stale'
}

/** How much of a device was scanned: as little as of the surface that is known least. */
export const scannedOf = (surfaces: Iterable<{ readonly baseline: boolean }>): Scanned => {
  const baselines = Array.from(surfaces, ({ baseline }) => baseline)
  if (baselines.length === 0) return 'not'
  return baselines.every(Boolean) ? 'wholly' : 'partly'
}

/** So many devices have a first scan of the surface, or have not. */
export interface SurfaceCount {
  readonly surface: string
  readonly hasBaseline: boolean
  readonly isHeard: boolean
  readonly count: number
}

/** Each surface once, by name; who never told of it counts as `none`. */
export const sumCoverage = (counts: readonly SurfaceCount[], deviceCount: number): readonly SurfaceCoverage[] =>
  [...Map.groupBy(counts, ({ surface }) => surface)]
    .map(([surface, of]) => {
      const devices = { none: deviceCount, partial: 0, stale: 0, complete: 0 }
      for (const { hasBaseline, isHeard, count } of of) {
        const known = isHeard ? 'complete' : 'stale'
        devices[hasBaseline ? known : 'partial'] += count
        devices.none -= count
      }
      return { surface, devices }
    })
    .toSorted((left, right) => (left.surface < right.surface ? -1 : 1))
