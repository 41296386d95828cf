// What is on one device only (fleet-product 10.9): page by page, with a bound on how much is looked through for each.
// Where somebody has or had a package at all is exposure/.
import { type Ecosystem, type RareItem, type ReplyOf, rareInventory } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { DeviceRecord, Devices, KnownOperator } from '@muster/identity'
import { ok, type Result, readPage, toCursor, toIso } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { settle } from '../exposure/survey.ts'
import { readBy } from '../masking/mask.ts'
import { type Coordinate, type HeldCoordinate, type HeldPlace, loadHeld, loadPlaces } from './store.ts'

export interface RarityNeeds {
  readonly storage: Pick<Storage, 'db'>
  readonly devices: Pick<Devices, 'historyNos' | 'readMany' | 'roll'>
  /** Lets the index from contents to devices catch up with what was acknowledged. */
  readonly settleHoldings: () => Promise<unknown>
}

/** A statement over so many takes some milliseconds. */
const coordinatesPerRead = 1000
/** So many are looked through for one page, however few of them are rare. */
const mostCoordinates = 20_000

const beforeAll: Coordinate = { ecosystem: '', name: '', version: '' }

type Rare = HeldCoordinate & { readonly deviceNo: number }

interface Found {
  readonly rare: readonly Rare[]
  /** The last that was looked at; undefined when there are none behind it. */
  readonly through: Coordinate | undefined
}

const findRare = async (
  { storage, devices }: RarityNeeds,
  speaker: KnownOperator,
  ecosystem: string | undefined,
  begin: Coordinate,
  limit: number,
): Promise<Found> => {
  const seenNos = devices.historyNos(speaker)
  const onRoll = new Set((await devices.roll(speaker, {})).map(({ deviceNo }) => deviceNo))
  const rare: Rare[] = []
  let after = begin
  for (let looked = 0; looked < mostCoordinates; looked += coordinatesPerRead) {
    const query = { tenantId: speaker.tenantId, ecosystem, after, limit: coordinatesPerRead, seenNos }
    const held = await loadHeld(storage.db, query)
    for (const one of held) {
      after = one
      const { first_no: deviceNo, last_no: lastNo } = one
      if (deviceNo !== null && deviceNo === lastNo && onRoll.has(deviceNo)) rare.push({ ...one, deviceNo })
      if (rare.length === limit) return { rare, through: after }
    }
    if (held.length < coordinatesPerRead) return { rare, through: undefined }
  }
  return { rare, through: after }
}

const cursorOf = ({ ecosystem, name, version }: Coordinate): string => toCursor([ecosystem, name, version])

const toItem = ({ ecosystem, name, version }: Rare, device: DeviceRecord, place: HeldPlace): RareItem => ({
  ecosystem: ecosystem as Ecosystem,
  name,
  version: version === '' ? null : version,
  deviceId: device.id,
  hostname: device.hostname,
  displayName: device.displayName,
  surface: place.surface,
  path: place.path,
  from: toIso(place.from_ms),
  fromKind: place.from_baseline === 1 ? 'baseline' : 'change',
})

export const serveRarity = (needs: RarityNeeds): Served<KnownOperator> =>
  serve<typeof rareInventory, KnownOperator>(
    rareInventory,
    async ({ speaker, query }): Promise<Result<ReplyOf<typeof rareInventory>, 'request_malformed'>> => {
      const page = readPage(query, ['string', 'string', 'string'])
      if (!page.ok) return page
      await settle(needs)
      const [ecosystem = '', name = '', version = ''] = page.value.after ?? []
      const begin = page.value.after === undefined ? beforeAll : { ecosystem, name, version }
      const { rare, through } = await findRare(needs, speaker, query.ecosystem, begin, page.value.limit)
      const records = await needs.devices.readMany(speaker, [...new Set(rare.map(({ deviceNo }) => deviceNo))])
      const places = Map.groupBy(await loadPlaces(needs.storage.db, speaker.tenantId, rare), ({ at }) => at)
      const items = rare.flatMap((one, at) => {
        const [device, [place] = []] = [records.get(one.deviceNo), places.get(at)]
        // What went since the index was read is nowhere any more.
        return device === undefined || place === undefined ? [] : toItem(one, device, place)
      })
      return ok({ items: readBy(speaker, items), nextCursor: through === undefined ? null : cursorOf(through) })
    },
  )
