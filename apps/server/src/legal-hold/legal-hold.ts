// Legal holds: what is kept of a device, or of a whole tenant, whatever its age (fleet-product 13).
// That nothing held is deleted is retention's to see to.
import {
  type BodyOf,
  ID_PREFIX,
  type LegalHold,
  type listLegalHolds,
  type placeLegalHold,
  type QueryOf,
} from '@muster/contract'
import { type By, type Identity, wholeTenant } from '@muster/identity'
import { type Clock, cutPage, newId, ok, type Result, readPage, refuse, toIso } from '@muster/kernel'
import type { Ledger } from '@muster/ledger'
import type { Db, Storage, Tx } from '@muster/storage'
import {
  type ActiveHold,
  insertHold,
  type LegalHoldRow,
  type LegalHoldTables,
  listHolds,
  loadActiveHolds,
  loadHold,
  markReleased,
} from './store.ts'

export interface LegalHolds {
  list(
    tenantId: string,
    query: QueryOf<typeof listLegalHolds>,
  ): Promise<Result<{ items: LegalHold[]; nextCursor: string | null }, 'request_malformed'>>
  read(tenantId: string, holdId: string): Promise<Result<LegalHold, 'not_found'>>
  /** Nothing it covers goes once this resolves. */
  place(by: By, tenantId: string, body: BodyOf<typeof placeLegalHold>): Promise<Result<LegalHold, 'not_found'>>
  release(by: By, tenantId: string, holdId: string): Promise<Result<LegalHold, 'not_found' | 'state_conflict'>>
  /** Of all tenants, within a transaction when one is named; a hold on a device covers those that were merged into it. */
  active(db?: Db): Promise<readonly ActiveHold[]>
  /** Whether everything of this device is kept. */
  covers(tenantId: string, deviceNo: number): Promise<boolean>
}

export interface LegalHoldNeeds {
  readonly storage: Storage<LegalHoldTables>
  readonly ledger: Pick<Ledger, 'append'>
  readonly identity: Pick<Identity, 'devices' | 'directory'>
  readonly clock: Clock
}

const toHold = (row: LegalHoldRow): LegalHold => ({
  id: row.hold_id,
  scope: row.device_no === null ? 'tenant' : 'device',
  deviceId: row.device_id,
  reason: row.reason,
  placedBy: row.placed_by,
  placedAt: toIso(row.placed_ms),
  releasedBy: row.released_by,
  releasedAt: row.released_ms === null ? null : toIso(row.released_ms),
})

const nameOf = ({ actor }: By): string => actor.displayName ?? actor.id

const record = ({ ledger, clock }: LegalHoldNeeds, tx: Tx, by: By, action: string, row: LegalHoldRow) =>
  ledger.append(tx, {
    tenantId: row.tenant_id,
    occurredAt: toIso(clock.nowMs()),
    actor: by.actor,
    action,
    target: row.device_id === null ? { type: 'tenant', id: row.tenant_id } : { type: 'device', id: row.device_id },
    outcome: 'success',
    requestId: by.requestId,
    details: { holdId: row.hold_id, reason: row.reason },
  })

const placeHold =
  (needs: LegalHoldNeeds): LegalHolds['place'] =>
  async (by, tenantId, { deviceId, reason }) => {
    const device = deviceId === undefined ? null : await needs.identity.devices.read(wholeTenant(tenantId), deviceId)
    if (device !== null && !device.ok) return device
    const place = {
      hold_id: newId(ID_PREFIX.legalHold),
      tenant_id: tenantId,
      device_no: device === null ? null : device.value.deviceNo,
      device_id: device === null ? null : device.value.id,
      reason,
      placed_by: nameOf(by),
      placed_ms: needs.clock.nowMs(),
    }
    const row = await needs.storage.write(async (tx) => {
      const inserted = await insertHold(tx, place)
      await record(needs, tx, by, 'legal_hold.placed', inserted)
      return inserted
    })
    return ok(toHold(row))
  }

const releaseHold =
  (needs: LegalHoldNeeds): LegalHolds['release'] =>
  (by, tenantId, holdId) =>
    needs.storage.write(async (tx): Promise<Result<LegalHold, 'not_found' | 'state_conflict'>> => {
      const hold = await loadHold(tx, tenantId, holdId)
      if (hold === undefined) return refuse('not_found')
      const released = await markReleased(tx, hold.hold_no, {
        released_by: nameOf(by),
        released_ms: needs.clock.nowMs(),
      })
      if (released === undefined) return refuse('state_conflict', 'The hold was released already.')
      await record(needs, tx, by, 'legal_hold.released', released)
      return ok(toHold(released))
    })

export const createLegalHolds = (needs: LegalHoldNeeds): LegalHolds => {
  const { db } = needs.storage
  const { directory } = needs.identity
  const withMerged = ({ tenantId, deviceNo }: ActiveHold): readonly ActiveHold[] => {
    const former = deviceNo === null ? [] : (directory.byNo(deviceNo)?.formerDeviceIds ?? [])
    const nos = former.flatMap((deviceId) => directory.byId(deviceId)?.deviceNo ?? [])
    return [deviceNo, ...nos].map((no) => ({ tenantId, deviceNo: no }))
  }
  const active = async (within: Db = db): Promise<readonly ActiveHold[]> =>
    (await loadActiveHolds(within)).flatMap(withMerged)
  return {
    async list(tenantId, query) {
      const page = readPage(query, ['number'])
      if (!page.ok) return page
      const found = await listHolds(db, tenantId, query.state ?? 'active', page.value)
      const { rows, nextCursor } = cutPage(found, page.value.limit, (row) => [row.hold_no])
      return ok({ items: rows.map(toHold), nextCursor })
    },
    async read(tenantId, holdId) {
      const row = await loadHold(db, tenantId, holdId)
      return row === undefined ? refuse('not_found') : ok(toHold(row))
    },
    place: placeHold(needs),
    release: releaseHold(needs),
    active,
    covers: async (tenantId, deviceNo) =>
      (await active()).some(
        (hold) => hold.tenantId === tenantId && (hold.deviceNo === null || hold.deviceNo === deviceNo),
      ),
  }
}
