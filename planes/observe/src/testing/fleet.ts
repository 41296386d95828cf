// A small fleet for tests of reading: devices that sync through the real unit, and a roll of them that can be set.
// Enrolment and contact are identity's; here they are simply told.
import { randomUUID } from 'node:crypto'
import {
  type EventKind,
  encodePayload,
  type Payload,
  type PayloadItem,
  type RefusalCode,
  type Route,
} from '@muster/contract'
import type { Served } from '@muster/http'
import type {
  Bounds,
  DeviceLife,
  DevicePage,
  DeviceRecord,
  KnownOperator,
  RollEntry,
  RollQuery,
} from '@muster/identity'
import { ok, type Result, refuse, sha256Hex } from '@muster/kernel'
import type { Engine, Storage } from '@muster/storage'
import { openTestStorage } from '@muster/storage/testing'
import { observeMigrations } from '../room-migrations.ts'
import type { SyncAnswer, SyncCall } from '../sync/sync.ts'

export interface TestDevice {
  readonly no: number
  readonly enrolledMs: number
  readonly lastContactMs: number
  /** The device that this one was merged into. */
  readonly mergedInto?: number
  readonly tags?: readonly string[]
}

export interface ToldEvent {
  readonly sequence: number
  readonly kind?: EventKind
  readonly atMs: number
  /** The same as `atMs` for a first scan. */
  readonly collectedMs?: number
  readonly payload: Payload
}

export const npmItem = (name: string, version: string, path = '/home/ada/app/package-lock.json'): PayloadItem => ({
  itemId: `javascriptPackages/package/${path}/${name}/${version}`,
  surface: 'javascriptPackages',
  kind: 'package',
  name,
  version,
  path,
  origin: 'npm',
  detail: null,
  installedOnRequest: null,
  attributes: {},
})

export const itemPayload = (item: PayloadItem): Payload => ({ body: 'inventoryItem', item })

/** What a rule found on an npm item. */
export const findingPayload = (name: string, version: string, atMs: number, matchedField: string | null): Payload => {
  const item = npmItem(name, version)
  return {
    body: 'finding',
    finding: {
      id: randomUUID().toUpperCase(),
      surface: item.surface,
      itemId: item.itemId,
      ruleId: 'acme.denied',
      title: 'Denied',
      rationale: 'Named in an advisory.',
      severity: 'critical',
      itemName: name,
      evidence: { path: item.path, detail: null, matchedField, matchedValue: matchedField === null ? null : name },
      observedAt: new Date(atMs).toISOString(),
    },
  }
}

const idOf = (no: number): string => `dev_${no}`

const envelope = (no: number, { sequence, kind = 'added', atMs, collectedMs, payload }: ToldEvent) => {
  const bytes = Buffer.from(encodePayload(payload))
  return {
    eventId: randomUUID().toUpperCase(),
    deviceId: idOf(no),
    localSequence: sequence,
    surface: payload.body === 'inventoryItem' ? payload.item.surface : payload.finding.surface,
    kind,
    observedAt: new Date(atMs).toISOString(),
    collectedAt: new Date(collectedMs ?? atMs - 1).toISOString(),
    payloadHash: sha256Hex(bytes),
    payload: bytes.toString('base64'),
  }
}

const toRecord = ({ no, lastContactMs }: TestDevice, former: readonly TestDevice[]): DeviceRecord =>
  ({
    deviceNo: no,
    historyNos: [no, ...former.map((device) => device.no)],
    id: idOf(no),
    hostname: `host-${no}`,
    displayName: null,
    owner: null,
    groups: [],
    liveness: 'online',
    lastContactAt: new Date(lastContactMs).toISOString(),
  }) as unknown as DeviceRecord

export const operator: KnownOperator = {
  operatorId: 'opr_1',
  tokenId: null,
  name: 'Ada',
  role: 'analyst',
  scopes: null,
  tenantId: 'default',
  groupNos: null,
  expiresMs: null,
}

const lifeOf = ({ no, enrolledMs, lastContactMs }: TestDevice): DeviceLife => ({
  deviceNo: no,
  enrolledMs,
  lastContactMs,
})

export interface TestFleet {
  readonly storage: Storage
  readonly devices: {
    historyNos(bounds: Bounds): readonly number[] | undefined
    list(bounds: Bounds, query: { readonly tag?: string | undefined }): Promise<Result<DevicePage, 'request_malformed'>>
    read(bounds: Bounds, deviceId: string): Promise<Result<DeviceRecord, 'not_found'>>
    readMany(bounds: Bounds, deviceNos: readonly number[]): Promise<ReadonlyMap<number, DeviceRecord>>
    roll(bounds: Bounds, query?: RollQuery): Promise<readonly RollEntry[]>
  }
  /** Sends the events as one batch of that device, received at that moment. */
  tell(no: number, events: readonly ToldEvent[], receivedMs: number): Promise<void>
  close(): Promise<void>
}

export const openTestFleet = async (engine: Engine, fleet: readonly TestDevice[]): Promise<TestFleet> => {
  const units = [new URL('../sync/sync-unit.fixture.ts', import.meta.url)]
  const storage = await openTestStorage(engine, [observeMigrations], { units })
  const sync = storage.unit<SyncCall, SyncAnswer>('sync')
  const find = (tenantId: string, deviceId: string): TestDevice | undefined =>
    tenantId === operator.tenantId ? fleet.find(({ no }) => idOf(no) === deviceId) : undefined
  const formerOf = (into: number) => fleet.filter(({ mergedInto }) => mergedInto === into)
  const record = (device: TestDevice) => toRecord(device, formerOf(device.no))
  return {
    storage,
    devices: {
      list: async (_, { tag = '' }) =>
        ok({ items: fleet.filter(({ tags = [] }) => tags.includes(tag)).map(record), nextCursor: null }),
      historyNos: () => undefined,
      async read({ tenantId }, deviceId) {
        const device = find(tenantId, deviceId)
        return device === undefined ? refuse('not_found') : ok(record(device))
      },
      readMany: async (_, deviceNos) =>
        new Map(
          fleet
            .filter(({ no }) => deviceNos.includes(no))
            .map((device) => [device.no, record(fleet.find(({ no }) => no === device.mergedInto) ?? device)]),
        ),
      roll: async (_, { deviceNos } = {}) =>
        fleet
          .filter(({ no, mergedInto }) => deviceNos?.includes(no) ?? mergedInto === undefined)
          .map((device) => ({ ...lifeOf(device), former: formerOf(device.no).map(lifeOf) })),
    },
    async tell(no, events, receivedMs) {
      const enrolledMs = fleet.find((device) => device.no === no)?.enrolledMs ?? 0
      const said = {
        deviceId: idOf(no),
        sensorVersion: 'koban-agent',
        schemaVersion: 1,
        lastAckedLocalSequence: 0,
        events: events.map((event) => envelope(no, event)),
        health: { syncBacklogEvents: 0, syncBacklogBytes: 0 },
      }
      const speaker = { deviceNo: no, deviceId: idOf(no), formerDeviceIds: [], tenantId: operator.tenantId, enrolledMs }
      const answer = await sync({ speaker, body: new TextEncoder().encode(JSON.stringify(said)), receivedMs })
      if (!answer.ok || answer.value.rejectedCodes.length > 0)
        throw new Error(`the events were not taken: ${JSON.stringify(answer)}`)
    },
    close: () => storage.close(),
  }
}

/** Asks one of these routes, checks its reply against the contract, and answers it. */
export const ask = async <Reply>(
  served: readonly Served<KnownOperator>[],
  route: Route,
  said: { readonly params?: unknown; readonly query?: unknown; readonly body?: unknown; readonly as?: KnownOperator },
): Promise<Result<Reply, RefusalCode>> => {
  const handler = served.find((one) => one.route === route)
  if (handler === undefined) throw new Error(`nobody serves ${route.path}`)
  const { params, query = {}, body, as = operator } = said
  const answer = await handler.handle({
    params,
    query,
    body,
    speaker: as,
    requestId: 'req_1',
    ip: '127.0.0.1',
    receivedMs: 0,
  })
  return answer.ok ? ok(route.reply.parse(answer.value) as Reply) : answer
}
