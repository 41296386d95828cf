// Watches for devices that used to be heard and fell silent: marks them, announces it, and takes the mark away again.
// When a silence is news is decide.ts; who listens to announcements is others' business.
import type { Clock, Log } from '@muster/kernel'
import { toIso } from '@muster/kernel'
import type { Kysely } from 'kysely'
import type { Contacts } from '../devices/contacts.ts'
import type { Directory } from '../directory/directory.ts'
import type { IdentityTables } from '../tables.ts'
import type { TakeTurn } from '../turns.ts'
import { isGoneDark } from './decide.ts'
import { loadMarks, markDark, unmark } from './store.ts'

export interface SilenceNeeds {
  readonly db: Kysely<IdentityTables>
  readonly directory: Directory
  readonly contacts: Contacts
  readonly takeTurn: TakeTurn
  readonly clock: Clock
  readonly log: Log
}

/** Devices per transaction, so that nobody waits long for the writer when a whole site fell silent. */
const batchSize = 200

const batchesOf = (deviceNos: readonly number[]): readonly (readonly number[])[] =>
  Array.from({ length: Math.ceil(deviceNos.length / batchSize) }, (_, index) =>
    deviceNos.slice(index * batchSize, (index + 1) * batchSize),
  )

/** Answers one look over all devices; several processes may look at the same time, and each silence is told once. */
export const createSilenceWatch = (needs: SilenceNeeds): (() => Promise<void>) => {
  const { db, directory, contacts, takeTurn, clock, log } = needs

  const mark = (deviceNos: readonly number[]): Promise<void> =>
    takeTurn(async (turn) => {
      for (const { tenant_id: tenantId, device_id: key, device_no: deviceNo } of await markDark(
        turn.tx,
        deviceNos,
        turn.nowMs,
      )) {
        const device = directory.byNo(deviceNo)
        const lastContactAt = device === undefined ? null : toIso(contacts.lastMs(device))
        turn.announce({ tenantId, topic: 'device.gone_dark', key, body: { deviceNo, lastContactAt } })
        log.warn('device gone dark', { 'device.id': key })
      }
    })
  const welcome = (deviceNos: readonly number[]): Promise<void> =>
    takeTurn(async (turn) => {
      for (const { tenant_id: tenantId, device_id: key, device_no: deviceNo } of await unmark(turn.tx, deviceNos))
        turn.announce({ tenantId, topic: 'device.heard_again', key, body: { deviceNo } })
    })
  return async () => {
    const marks = await loadMarks(db)
    const nowMs = clock.nowMs()
    const dark = directory
      .all()
      .filter(({ deviceNo, status }) => status === 'active' && !marks.has(deviceNo))
      .filter((device) => isGoneDark(contacts.heard(device), nowMs))
    const back = [...marks].filter(([deviceNo, markedMs]) => {
      const device = directory.byNo(deviceNo)
      return device !== undefined && contacts.lastMs(device) > markedMs
    })
    for (const batch of batchesOf(dark.map(({ deviceNo }) => deviceNo))) await mark(batch)
    for (const batch of batchesOf(back.map(([deviceNo]) => deviceNo))) await welcome(batch)
  }
}
