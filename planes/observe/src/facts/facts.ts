// What the plane knows of devices beyond their items: policy status, backlog, coverage, findings, clock.
// Who the devices are, and when they were last heard, is identity's.
import type { Device, Severity } from '@muster/contract'
import { SEVERITIES } from '@muster/contract'
import { type Devices, type Directory, wholeTenant } from '@muster/identity'
import { type Clock, toIso } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { coverageOf } from '../coverage/decide.ts'
import type { BundleLookup } from '../sensor/bundle.ts'
import { newSensor, policyStatusOf, type SensorState } from '../sensor/decide.ts'
import {
  type CoverageRow,
  type FindingCount,
  loadCoverages,
  loadFindingCounts,
  loadSensorStates,
  loadSkews,
} from './store.ts'

export type DeviceFacts = Pick<
  Device,
  'lastCheckInAt' | 'policy' | 'backlog' | 'coverage' | 'openFindings' | 'clockSkewSeconds' | 'resnapshotRequested'
>

export interface FactNeeds {
  readonly storage: Pick<Storage, 'db'>
  readonly directory: Pick<Directory, 'byNo'>
  readonly bundleFor: BundleLookup
  /** A state this process holds and has perhaps not written yet. */
  readonly peek: (deviceNo: number) => SensorState | undefined
  readonly devices: Pick<Devices, 'roll'>
  readonly clock: Clock
}

export type LoadFacts = (tenantId: string, deviceNos: readonly number[]) => Promise<ReadonlyMap<number, DeviceFacts>>

type CoverageNeeds = Pick<FactNeeds, 'storage' | 'devices' | 'clock'>

/** What is known of each surface of these devices; one entry for every number asked for. */
export const createCoverages =
  ({ storage, devices, clock }: CoverageNeeds) =>
  async (tenantId: string, deviceNos: readonly number[]): Promise<ReadonlyMap<number, Device['coverage']>> => {
    const [coverages, roll] = await Promise.all([
      loadCoverages(storage.db, deviceNos),
      devices.roll(wholeTenant(tenantId), { deviceNos }),
    ])
    const contacts = new Map(roll.map((entry) => [entry.deviceNo, entry.lastContactMs]))
    const nowMs = clock.nowMs()
    return new Map(deviceNos.map((no) => [no, toCoverage(coverages.get(no) ?? [], contacts.get(no) ?? null, nowMs)]))
  }

/** One entry for every number asked for; whether the asker sees those devices was decided before. */
export const createFacts =
  (needs: FactNeeds): LoadFacts =>
  async (tenantId, deviceNos) => {
    const { storage } = needs
    const [sensors, coverages, counts, skews] = await Promise.all([
      loadSensorStates(storage.db, deviceNos),
      createCoverages(needs)(tenantId, deviceNos),
      loadFindingCounts(storage.db, deviceNos),
      loadSkews(storage.db, deviceNos),
    ])
    return new Map(
      deviceNos.map((deviceNo) => {
        const device = needs.directory.byNo(deviceNo)
        const state = needs.peek(deviceNo) ?? sensors.get(deviceNo)
        const assigned = (device === undefined ? undefined : needs.bundleFor(device))?.generation ?? null
        const skewMs = skews.get(deviceNo)
        return [
          deviceNo,
          {
            ...sensorFacts(state ?? newSensor, assigned),
            coverage: coverages.get(deviceNo) ?? [],
            openFindings: toCounts(counts.get(deviceNo) ?? []),
            clockSkewSeconds: skewMs === undefined ? null : skewMs / 1000,
          },
        ]
      }),
    )
  }

const sensorFacts = (state: SensorState, assigned: string | null) => ({
  lastCheckInAt: state.checkedInMs === null ? null : toIso(state.checkedInMs),
  policy: {
    status: policyStatusOf(state, assigned),
    assignedGeneration: assigned,
    reportedGeneration: state.reported,
    servedGeneration: state.served,
  },
  backlog: { events: state.backlogEvents, bytes: state.backlogBytes },
  resnapshotRequested: state.resnapshotRequested,
})

const toCoverage = (rows: readonly CoverageRow[], contactMs: number | null, nowMs: number): Device['coverage'] =>
  rows.map((row) => ({
    surface: row.surface,
    state: coverageOf(row, contactMs, nowMs),
    baselineAt: row.baseline ? toIso(row.firstCollectedMs) : null,
    lastEventAt: toIso(row.lastEventMs),
  }))

const toCounts = (counts: readonly FindingCount[]): Record<Severity, number> => {
  const countOf = (severity: Severity): number => counts.find((count) => count.severity === severity)?.count ?? 0
  return Object.fromEntries(SEVERITIES.map((severity) => [severity, countOf(severity)])) as Record<Severity, number>
}
