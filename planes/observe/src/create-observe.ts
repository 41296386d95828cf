// Puts the plane together from its needs; built once, in an app's wire.ts.
// No rule lives here: each feature folder holds its own.
import type { PolicyStatus } from '@muster/contract'
import type { Served } from '@muster/http'
import type { DeviceSpeaker, Devices, Directory, Identity, KnownDevice, KnownOperator } from '@muster/identity'
import type { Clock, Log } from '@muster/kernel'
import { isStoreBusy, type Storage } from '@muster/storage'
import { serveExposure } from './exposure/exposure.ts'
import { createFacts, type DeviceFacts } from './facts/facts.ts'
import { serveFindings } from './findings/findings.ts'
import { serveInventory } from './inventory/inventory.ts'
import { newSensor, policyStatusOf } from './sensor/decide.ts'
import { type BundleInForce, serveSensor } from './sensor/sensor.ts'
import { createSensorStates } from './sensor/states.ts'
import { loadSensors } from './sensor/store.ts'
import { countObserved, type ObserveCounts } from './status/store.ts'
import type { SyncAnswer, SyncCall } from './sync/sync.ts'

export interface ObserveNeeds {
  readonly storage: Storage
  readonly directory: Pick<Directory, 'byId' | 'byNo'>
  readonly devices: Pick<Devices, 'read' | 'readMany' | 'roll'>
  readonly touch: Identity['touch']
  /** The bundle meant for a device now; from memory, asked on every check-in. */
  readonly bundleFor: (device: KnownDevice) => BundleInForce | undefined
  readonly clock: Clock
  readonly log: Log
  /** Told what each sync stored and rejected, for the metrics. */
  readonly onSynced?: (stored: number, rejectedCodes: readonly string[]) => void
}

export interface Observe {
  /** Configuration, check-in and sync, for the gateway. */
  readonly sensorRoutes: readonly Served<DeviceSpeaker>[]
  /** Inventory, changes, events, search and findings, for the operator API. */
  readonly operatorRoutes: readonly Served<KnownOperator>[]
  /** One entry for every number asked for. */
  facts(tenantId: string, deviceNos: readonly number[]): Promise<ReadonlyMap<number, DeviceFacts>>
  /** Of these devices, those that stand so towards their policy. */
  withPolicyStatus(deviceNos: readonly number[], status: PolicyStatus): Promise<ReadonlySet<number>>
  /** Takes effect at the next contact, once; on disk when it resolves. */
  requestResnapshot(tenantId: string, deviceNo: number): Promise<void>
  counts(tenantId: string): Promise<ObserveCounts>
  /** Writes what is still in memory and stops every timer. */
  close(): Promise<void>
}

export const createObserve = (needs: ObserveNeeds): Observe => {
  const { storage, directory, devices, bundleFor, clock, log } = needs
  const states = createSensorStates({ storage, clock, log })
  const facts = createFacts({ storage, directory, devices, bundleFor, peek: states.peek, clock })
  return {
    sensorRoutes: serveSensor({
      directory,
      bundleFor,
      states,
      syncUnit: storage.unit<SyncCall, SyncAnswer>('observe.sync'),
      touch: needs.touch,
      isStoreBusy,
      ...(needs.onSynced === undefined ? {} : { onSynced: needs.onSynced }),
    }),
    operatorRoutes: [
      ...serveInventory({ storage, devices }),
      ...serveFindings({ storage, devices }),
      ...serveExposure({ storage, devices, clock }),
    ],
    facts,
    async withPolicyStatus(deviceNos, status) {
      const stored = await loadSensors(storage.db, deviceNos)
      const standsSo = (deviceNo: number, index: number): boolean => {
        const device = directory.byNo(deviceNo)
        const assigned = (device === undefined ? undefined : bundleFor(device))?.generation ?? null
        return policyStatusOf(states.peek(deviceNo) ?? stored[index] ?? newSensor, assigned) === status
      }
      return new Set(deviceNos.filter(standsSo))
    },
    requestResnapshot: (tenantId, deviceNo) => states.requestResnapshot({ tenantId, deviceNo }),
    counts: (tenantId) => countObserved(storage.db, tenantId),
    close: states.close,
  }
}
