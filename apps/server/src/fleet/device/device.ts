// Devices for operators: lists, records, and the steps of their life, put together from identity and the planes.
// What either knows, and what a step does, is theirs.
import {
  changeDevice,
  type Device,
  deleteDeviceData,
  deviceHeartbeats,
  deviceTimeline,
  listDevices,
  mergeDevice,
  type PolicyStatus,
  reactivateDevice,
  readDevice,
  requestResnapshot,
  retireDevice,
  revokeDevice,
} from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Bounds, By, DeviceRecord, Identity, KnownOperator } from '@muster/identity'
import { ok, type Result, refuse } from '@muster/kernel'
import type { Ledger } from '@muster/ledger'
import type { HeartbeatPoints, Presences } from '@muster/telemetry'
import { by, versionOf } from '../operator.ts'
import { serveBulk } from './bulk.ts'
import {
  composeDevice,
  decideChange,
  mergeTimeline,
  type ObservedDevice,
  readCursor,
  toHeartbeatPoint,
  writeCursor,
} from './decide.ts'
import { narrowTo } from './narrow.ts'

/** What the observe plane is asked about devices. */
export interface DeviceObservations {
  /** One entry for every number asked for. */
  facts(tenantId: string, deviceNos: readonly number[]): Promise<ReadonlyMap<number, ObservedDevice>>
  /** Of these devices, those that stand so towards their policy. */
  withPolicyStatus(deviceNos: readonly number[], status: PolicyStatus): Promise<ReadonlySet<number>>
  /** Resolves when what follows from a step is done, or after a moment. */
  settleEndings(): Promise<void>
  requestResnapshot(by: By, tenantId: string, deviceNo: number): Promise<Result<undefined, 'state_conflict'>>
}

export interface DeviceNeeds extends Pick<Identity, 'devices'> {
  readonly observe: DeviceObservations
  readonly telemetry: { readonly presences: Pick<Presences, 'of'>; readonly points: HeartbeatPoints }
  readonly ledger: Pick<Ledger, 'list'>
  /** Whether a legal hold keeps everything of this device. */
  readonly isHeld: (tenantId: string, deviceNo: number) => Promise<boolean>
}

const createComposer = ({ observe, telemetry }: DeviceNeeds) => {
  const composeAll = async ({ tenantId }: Bounds, records: readonly DeviceRecord[]): Promise<Device[]> => {
    const numbers = records.map(({ deviceNo }) => deviceNo)
    const [facts, presences] = await Promise.all([
      observe.facts(tenantId, numbers),
      telemetry.presences.of(tenantId, numbers),
    ])
    return records.map((record) => {
      const observed = facts.get(record.deviceNo)
      if (observed === undefined) throw new Error(`compose device ${record.id}: the observe plane answered nothing`)
      return composeDevice(record, observed, presences.get(record.deviceNo))
    })
  }
  return {
    composeAll,
    /** A step that was taken, once what follows from it for what the device reported is done or well under way. */
    async settled<Step extends Result<unknown, string>>(step: Promise<Step>): Promise<Step> {
      const taken = await step
      if (taken.ok) await observe.settleEndings()
      return taken
    },
    /** Composes what a step answered; its refusal passes through untouched. */
    async compose<Code extends string>(bounds: Bounds, step: Promise<Result<DeviceRecord, Code>>) {
      const record = await step
      if (!record.ok) return record
      const [device] = await composeAll(bounds, [record.value])
      return ok(device as Device)
    },
  }
}

export const serveDevices = (needs: DeviceNeeds): readonly Served<KnownOperator>[] => {
  const { devices, observe } = needs
  const { compose, composeAll, settled } = createComposer(needs)
  return [
    serve<typeof listDevices, KnownOperator>(listDevices, async ({ speaker, query }) => {
      const { policyStatus, ...ownQuery } = query
      const page = await devices.list(speaker, ownQuery, narrowTo(observe, policyStatus))
      if (!page.ok) return page
      return ok({ items: await composeAll(speaker, page.value.items), nextCursor: page.value.nextCursor })
    }),
    serve<typeof readDevice, KnownOperator>(readDevice, ({ speaker, params }) =>
      compose(speaker, devices.read(speaker, params.id)),
    ),
    serve<typeof changeDevice, KnownOperator>(changeDevice, async (said) => {
      const { speaker } = said
      const allowed = decideChange(said.speaker, said.body)
      if (!allowed.ok) return allowed
      const version = versionOf(said)
      if (!version.ok) return version
      return compose(speaker, devices.change(by(said), speaker, said.params.id, version.value, said.body))
    }),
    serve<typeof mergeDevice, KnownOperator>(mergeDevice, (said) => {
      const { speaker } = said
      return compose(speaker, settled(devices.merge(by(said), speaker, said.params.id, said.body)))
    }),
    serve<typeof deleteDeviceData, KnownOperator>(deleteDeviceData, async (said) => {
      const { speaker } = said
      const record = await devices.read(speaker, said.params.id)
      if (!record.ok) return record
      if (await needs.isHeld(speaker.tenantId, record.value.deviceNo))
        return refuse('state_conflict', 'A legal hold keeps what the device reported.')
      return compose(speaker, settled(devices.deleteData(by(said), speaker, said.params.id, said.body)))
    }),
    ...serveSteps(needs),
    ...serveBulk(needs),
    serve<typeof requestResnapshot, KnownOperator>(requestResnapshot, async (said) => {
      const { speaker } = said
      const record = await devices.read(speaker, said.params.id)
      if (!record.ok) return record
      if (record.value.status !== 'active') return refuse('state_conflict', 'Only an active device can be asked.')
      const hinted = await observe.requestResnapshot(by(said), speaker.tenantId, record.value.deviceNo)
      return hinted.ok ? compose(speaker, Promise.resolve(record)) : hinted
    }),
    serveTimeline(needs),
    serveHeartbeats(needs),
  ]
}

const momentMs = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text))

/** Of the devices that were merged into it, too. */
const serveHeartbeats = ({ devices, telemetry }: DeviceNeeds): Served<KnownOperator> =>
  serve<typeof deviceHeartbeats, KnownOperator>(deviceHeartbeats, async ({ speaker, params, query }) => {
    const record = await devices.read(speaker, params.id)
    if (!record.ok) return record
    const { from, to, resolution } = query
    const question = { fromMs: momentMs(from), toMs: momentMs(to), resolution }
    const history = await telemetry.points(speaker.tenantId, record.value.historyNos, question)
    if (!history.ok) return history
    return ok({ resolution: history.value.resolution, items: history.value.points.map(toHeartbeatPoint) })
  })

const serveSteps = (needs: DeviceNeeds): readonly Served<KnownOperator>[] => {
  const { devices } = needs
  const { compose, settled } = createComposer(needs)
  const steps = [
    [revokeDevice, devices.revoke],
    [retireDevice, devices.retire],
    [reactivateDevice, devices.reactivate],
  ] as const
  return steps.map(([route, step]) =>
    serve<typeof route, KnownOperator>(route, (said) => {
      const { speaker } = said
      return compose(speaker, settled(step(by(said), speaker, said.params.id, said.body)))
    }),
  )
}

const serveTimeline = ({ devices, ledger }: DeviceNeeds): Served<KnownOperator> =>
  serve<typeof deviceTimeline, KnownOperator>(deviceTimeline, async ({ speaker, params, query }) => {
    const record = await devices.read(speaker, params.id)
    if (!record.ok) return record
    const texts = await devices.hostHistory(speaker, params.id)
    if (!texts.ok) return texts
    const cursor = query.cursor === undefined ? ok(null) : readCursor(query.cursor)
    if (!cursor.ok) return cursor
    const page = await ledger.list(speaker.tenantId, {
      targetIds: [record.value.id, ...record.value.formerIds],
      limit: query.limit,
      ...(cursor.value === null ? {} : { cursor: cursor.value.audit }),
    })
    if (!page.ok) return page
    const { items: entries, nextCursor } = page.value
    const beforeMs = cursor.value?.beforeMs ?? null
    const items = mergeTimeline({ entries, isLast: nextCursor === null, texts: texts.value, beforeMs })
    const endMs = Date.parse(entries.at(-1)?.occurredAt ?? '')
    const next = nextCursor === null ? null : writeCursor({ audit: nextCursor, beforeMs: endMs })
    return ok({ items: [...items], nextCursor: next })
  })
