// Puts the plane together from its needs; built once, in an app's wire.ts.
// No rule lives here: each feature folder holds its own.
import type { AuditStatement, PolicyStatus } from '@muster/contract'
import type { Served } from '@muster/http'
import type { Bounds, By, DeviceSpeaker, Identity, IsGroupInUse, KnownDevice, KnownOperator } from '@muster/identity'
import { type Clock, type Log, ok, type Result, toIso } from '@muster/kernel'
import { isStoreBusy, type Storage, type Tx } from '@muster/storage'
import { serveActivity } from './activity/activity.ts'
import { serveComparison } from './comparison/comparison.ts'
import { serveCoverage } from './coverage/coverage.ts'
import { serveExposure } from './exposure/exposure.ts'
import { settle } from './exposure/survey.ts'
import { createFacts, type DeviceFacts } from './facts/facts.ts'
import { serveFindings } from './findings/findings.ts'
import { serveInventory } from './inventory/inventory.ts'
import { createEndings } from './life/endings.ts'
import { readBy } from './masking/mask.ts'
import { isGroupAssigned } from './policy/assignment-store.ts'
import type { PlannedFleet } from './policy/plan/plan.ts'
import { createPolicies, type Policies } from './policy/policy.ts'
import type { AdoptingDevice } from './policy/read.ts'
import { tryRules } from './policy/trial/trial.ts'
import { serveRarity } from './rarity/rarity.ts'
import { type OnGone, type PurgeOrder, purgeObserved } from './retention/retention.ts'
import { createBundleLookup } from './sensor/bundle.ts'
import { newSensor, policyStatusOf } from './sensor/decide.ts'
import { serveSensor } from './sensor/sensor.ts'
import { createSensorStates } from './sensor/states.ts'
import { loadSensors } from './sensor/store.ts'
import { countObserved, type ObserveCounts } from './status/store.ts'
import type { SyncAnswer, SyncCall } from './sync/sync.ts'
import { createTallies } from './tally/tally.ts'

export interface ObserveNeeds {
  readonly storage: Storage
  readonly identity: Pick<Identity, 'directory' | 'devices' | 'groups' | 'touch'>
  /** Appends to the audit history in the same transaction as what is recorded. */
  readonly audit: (tx: Tx, statements: readonly AuditStatement[]) => Promise<unknown>
  /** What other planes keep of a device whose data is to go; answers how many rows of what. */
  readonly deleteElsewhere?: (deviceNo: number) => Promise<Readonly<Record<string, number>>>
  readonly clock: Clock
  readonly log: Log
  /** From when on closed intervals are all still kept; see fleet-product 13. */
  readonly intervalsKeptFromMs: (tenantId: string) => Promise<number>
  /** Told how many events of a sync were rejected with a code, for the metrics. */
  readonly onRejected: (code: string, count: number) => void
}

/** `purgeObserved` over this plane's database. */
export type Purge = (order: PurgeOrder, onGone: OnGone) => Promise<void>

export interface Observe {
  /** Configuration, check-in and sync, for the gateway. */
  readonly sensorRoutes: readonly Served<DeviceSpeaker>[]
  /** Inventory, changes, events, search and findings, for the operator API. */
  readonly operatorRoutes: readonly Served<KnownOperator>[]
  readonly policies: Policies
  /** One entry for every number asked for. */
  facts(tenantId: string, deviceNos: readonly number[]): Promise<ReadonlyMap<number, DeviceFacts>>
  /** Of these devices, those that stand so towards their policy. */
  withPolicyStatus(deviceNos: readonly number[], status: PolicyStatus): Promise<ReadonlySet<number>>
  /** Every device within the bounds that counts, as adoption of a policy sees it. */
  adopters(bounds: Bounds): Promise<readonly AdoptingDevice[]>
  /** Every device as a plan of a policy sees it, for this operator. */
  planned(operator: KnownOperator): Promise<PlannedFleet>
  /** Takes effect at the next contact, once; on disk, with its audit entry, when it resolves. */
  requestResnapshot(by: By, tenantId: string, deviceNo: number): Promise<Result<undefined, 'state_conflict'>>
  /** What follows from turns in the lives of devices begins at once; resolves when it is done, or after a moment. */
  settleEndings(): Promise<void>
  readonly isGroupAssigned: IsGroupInUse
  /** In batches that hold up nobody. */
  readonly purge: Purge
  counts(bounds: Bounds): Promise<ObserveCounts>
  /** Writes what is still in memory and stops every timer. */
  close(): Promise<void>
}

/** Has read the bundles in force when it resolves. */
export const createObserve = async (needs: ObserveNeeds): Promise<Observe> => {
  const { storage, identity, audit, clock, log, onRejected } = needs
  const { directory, devices, groups, touch } = identity
  const policies = await createPolicies({ storage, audit, groups, clock, log })
  const bundleFor = createBundleLookup(policies.bundles)
  const states = createSensorStates({ storage, clock, log })
  const endings = createEndings({ ...needs, devices })
  const tallies = createTallies({ storage, clock, log })

  const statusesOf = async (deviceNos: readonly number[]): Promise<readonly PolicyStatus[]> => {
    const stored = await loadSensors(storage.db, deviceNos)
    return deviceNos.map((deviceNo, index) => {
      const state = states.peek(deviceNo) ?? stored[index] ?? newSensor
      const device = directory.byNo(deviceNo)
      return policyStatusOf(state, (device === undefined ? undefined : bundleFor(device))?.generation ?? null)
    })
  }
  const settleHoldings = storage.unit<undefined, undefined>('settleHoldings')
  return {
    sensorRoutes: serveSensor({
      directory,
      bundleFor,
      states,
      syncUnit: storage.unit<SyncCall, SyncAnswer>('sync'),
      touch,
      isStoreBusy,
      onRejected,
    }),
    operatorRoutes: [
      ...serveInventory({ storage, devices }),
      ...serveFindings({ storage, devices }),
      serveActivity({ storage, devices, clock }),
      serveCoverage({ storage, devices, clock }),
      serveComparison({ storage, devices, groups }),
      serveRarity({ storage, devices, settleHoldings: () => settleHoldings(undefined) }),
      ...serveExposure({
        storage,
        devices,
        audit,
        clock,
        intervalsKeptFromMs: needs.intervalsKeptFromMs,
        settleHoldings: () => settleHoldings(undefined),
      }),
    ],
    policies,
    facts: createFacts({ storage, directory, devices, bundleFor, peek: states.peek, clock }),
    async withPolicyStatus(deviceNos, status) {
      const statuses = await statusesOf(deviceNos)
      return new Set(deviceNos.filter((_, index) => statuses[index] === status))
    },
    async adopters(bounds) {
      const known = (await devices.roll(bounds, {})).flatMap(({ deviceNo }): KnownDevice[] => {
        const device = directory.byNo(deviceNo)
        return device?.status === 'active' ? [device] : []
      })
      const statuses = await statusesOf(known.map(({ deviceNo }) => deviceNo))
      return known.map(({ groupNos, sensorVersion }, index) => ({
        groupNos,
        sensorVersion,
        status: statuses[index] ?? 'unknown',
      }))
    },
    async planned(operator) {
      const { tenantId } = operator
      const known = (await devices.roll(operator, {})).flatMap(({ deviceNo }) => directory.byNo(deviceNo) ?? [])
      return {
        devices: known.filter(({ status }) => status === 'active'),
        async tryRules(deviceNos, before, after) {
          await settle({ settleHoldings: () => settleHoldings(undefined) })
          const namesOf = (nos: readonly number[]) => devices.readMany(operator, nos)
          const readable = <Said>(said: Said): Said => readBy(operator, said)
          const ground = { db: storage.db, tenantId, deviceNos, nowMs: clock.nowMs(), namesOf, readable }
          return tryRules(ground, before, after)
        },
      }
    },
    async requestResnapshot(by, tenantId, deviceNo) {
      const target = { type: 'device', id: directory.byNo(deviceNo)?.deviceId ?? '' }
      await states.requestResnapshot({ tenantId, deviceNo }, (tx) =>
        audit(tx, [
          {
            tenantId,
            occurredAt: toIso(clock.nowMs()),
            actor: by.actor,
            action: 'device.resnapshot_requested',
            target,
            outcome: 'success',
            requestId: by.requestId,
            details: {},
          },
        ]),
      )
      return ok(undefined)
    },
    settleEndings: () => endings.settle(),
    isGroupAssigned,
    purge: (order, onGone) => purgeObserved(storage, order, onGone),
    counts: (bounds) => countObserved(storage.db, tallies, bounds.tenantId, devices.historyNos(bounds)),
    async close() {
      await endings.close()
      await tallies.close()
      await states.close()
      await policies.close()
    },
  }
}
