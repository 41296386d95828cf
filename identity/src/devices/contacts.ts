// When each device was last heard and what it then said of itself: collected in memory, written once a second.
// A crash forgets at most the last second of it; events and states of devices are stored elsewhere, before they count.
import type { Log } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import type { Directory } from '../directory/directory.ts'
import type { KnownDevice } from '../speakers.ts'
import { hostText } from '../texts.ts'
import type { TakeTurn, Turn } from '../turns.ts'
import { insertHostTexts, updateHostTexts, upsertContacts } from './host-texts.ts'

/** What a device says of itself after enrolment; absent means it did not say. */
export interface SaidOfItself {
  readonly sensorVersion?: string
  readonly osVersion?: string
}

export interface Contacts {
  touch(deviceNo: number, atMs: number, said?: SaidOfItself): void
  /** Writes what was collected; what could not be written is kept for the next time. */
  flush(): Promise<void>
}

export interface ContactsNeeds {
  readonly storage: Storage
  readonly directory: Directory
  readonly takeTurn: TakeTurn
  readonly log: Log
}

const changedTexts = (device: KnownDevice, said: SaidOfItself): SaidOfItself | undefined => {
  const { sensorVersion = device.sensorVersion, osVersion = device.osVersion } = said
  if (sensorVersion === device.sensorVersion && osVersion === device.osVersion) return undefined
  const cut = { sensorVersion: hostText(sensorVersion), osVersion: hostText(osVersion) }
  return cut.sensorVersion === device.sensorVersion && cut.osVersion === device.osVersion ? undefined : cut
}

export const createContacts = ({ storage, directory, takeTurn, log }: ContactsNeeds): Contacts => {
  let heardMs = new Map<number, number>()
  let texts = new Map<number, SaidOfItself>()

  const writeContacts = async (heard: ReadonlyMap<number, number>): Promise<void> => {
    const rows = [...heard].flatMap(([device_no, last_contact_ms]) => {
      const device = directory.byNo(device_no)
      return device === undefined ? [] : [{ device_no, tenant_id: device.tenantId, last_contact_ms }]
    })
    await storage.write((tx) => upsertContacts(tx, rows))
  }
  const flush = async (): Promise<void> => {
    const [heard, said] = [heardMs, texts]
    heardMs = new Map()
    texts = new Map()
    try {
      if (heard.size > 0) await writeContacts(heard)
      if (said.size > 0) await takeTurn((turn) => writeTexts(turn, said))
    } catch (error) {
      heardMs = new Map([...heard, ...heardMs])
      texts = new Map([...said, ...texts])
      log.warn('contacts not written yet', { err: error, 'items.count': heardMs.size })
    }
  }
  return {
    touch(deviceNo, atMs, said) {
      heardMs.set(deviceNo, Math.max(atMs, heardMs.get(deviceNo) ?? 0))
      const device = said && directory.byNo(deviceNo)
      const changed = device && changedTexts(device, said)
      if (changed !== undefined) texts.set(deviceNo, changed)
    },
    flush,
  }
}

const writeTexts = async (turn: Turn, said: ReadonlyMap<number, SaidOfItself>): Promise<void> => {
  const rows = await turn.tx
    .selectFrom('identity_device')
    .select(['device_no', 'tenant_id', 'hostname', 'os_version', 'hardware_model', 'sensor_version'])
    .where('device_no', 'in', [...said.keys()])
    .execute()
  const sightings = rows.map((row) => ({
    ...row,
    os_version: said.get(row.device_no)?.osVersion ?? row.os_version,
    sensor_version: said.get(row.device_no)?.sensorVersion ?? row.sensor_version,
    seen_ms: turn.nowMs,
  }))
  await updateHostTexts(turn.tx, sightings)
  await insertHostTexts(turn.tx, sightings)
  turn.changed('device', ...rows.map((row) => row.device_no))
}
