// Which kept events stand at given places in the lives of their devices: found by halving, without an index on the place.
// What a place is, an epoch and a sequence as one number, is sync/order.ts.
import type { Db } from '@muster/storage'
import { sql } from 'kysely'
import { amongListed } from '../among.ts'
import { eventIdOf } from '../sync/event-key.ts'
import { epochOf, orderOf, sequenceOf } from '../sync/order.ts'
import { firstHeadBytes, firstSequenceOf, keysOfSequences } from './pack.ts'
import { withEvents } from './tables.ts'

export interface EventPlace {
  readonly deviceNo: number
  readonly order: number
}

/** Events of a device that share a filter: some hundred, in the order they came. */
interface Stretch {
  readonly deviceNo: number
  readonly filterNo: number
}

/** A place, and the first and last stretch it may be in. */
interface Sought extends EventPlace {
  low: number
  high: number
}

export const placeKey = ({ deviceNo, order }: EventPlace): string => `${deviceNo} ${order}`
const stretchKey = ({ deviceNo, filterNo }: Stretch): string => `${deviceNo} ${filterNo}`

/** Each of these has 640 events at most, which is 40 KB of heads. */
const stretchesAtOnce = 64

/** What came late lies behind its turn, by no more stretches than this, or it is not looked for. */
const latestBehind = 16

/**
 * The ids of the events at these places, by `placeKey`; a place whose event has gone is not among them. Reads some ten
 * short beginnings for each place and two stretches of heads at most, and more only for what came out of turn.
 */
export const locateEvents = async (db: Db, places: readonly EventPlace[]): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>()
  const kept = await loadKept(db, [...new Set(places.map(({ deviceNo }) => deviceNo))])
  const sought = places.flatMap((place) => {
    const range = kept.get(place.deviceNo)
    return range === undefined ? [] : { ...place, ...range }
  })
  await halve(db, sought)
  await readStretches(db, sought, ({ low }) => [low], found)
  const late = sought.filter((place) => !found.has(placeKey(place)) && place.low > (kept.get(place.deviceNo)?.low ?? 0))
  await readStretches(db, late, (place) => around(place, kept.get(place.deviceNo)), found)
  return found
}

const around = ({ low }: Sought, range: Pick<Sought, 'low' | 'high'> | undefined): readonly number[] => {
  if (range === undefined) return []
  const from = Math.max(range.low, low - latestBehind)
  const to = Math.min(range.high, low + latestBehind)
  return Array.from({ length: to - from + 1 }, (_, at) => from + at)
}

/** The first and last stretch of each device that something is left of. */
const loadKept = async (
  db: Db,
  deviceNos: readonly number[],
): Promise<ReadonlyMap<number, Pick<Sought, 'low' | 'high'>>> => {
  if (deviceNos.length === 0) return new Map()
  const rows = await withEvents(db)
    .selectFrom('observe_event_pack')
    .select(({ fn }) => ['device_no', fn.min('filter_no').as('low'), fn.max('filter_no').as('high')])
    .where(amongListed(db, 'device_no', deviceNos))
    .groupBy('device_no')
    .execute()
  return new Map(rows.map(({ device_no, low, high }) => [device_no, { low, high }]))
}

const chunksOf = (stretches: readonly Stretch[]): readonly (readonly Stretch[])[] =>
  Array.from({ length: Math.ceil(stretches.length / stretchesAtOnce) }, (_, at) =>
    stretches.slice(at * stretchesAtOnce, (at + 1) * stretchesAtOnce),
  )

const asked = (stretches: readonly Stretch[]) =>
  sql.join(stretches.map(({ deviceNo, filterNo }) => sql`(${sql.lit(deviceNo)}, ${sql.lit(filterNo)})`))

/** Each place comes to the last stretch that begins at or before it. */
const halve = async (db: Db, sought: readonly Sought[]): Promise<void> => {
  const firsts = new Map<string, number>()
  for (;;) {
    const open = sought.filter(({ low, high }) => low < high)
    if (open.length === 0) return
    const middles = new Map(open.map((place) => [stretchKey(middleOf(place)), middleOf(place)]))
    await loadFirsts(
      db,
      [...middles].flatMap(([key, middle]) => (firsts.has(key) ? [] : middle)),
      firsts,
    )
    for (const place of open) {
      const { filterNo, ...middle } = middleOf(place)
      // One that went meanwhile was older than all that is left.
      if ((firsts.get(stretchKey({ ...middle, filterNo })) ?? 0) <= place.order) place.low = filterNo
      else place.high = filterNo - 1
    }
  }
}

const middleOf = ({ deviceNo, low, high }: Sought): Stretch => ({ deviceNo, filterNo: Math.ceil((low + high) / 2) })

interface First {
  readonly device_no: number
  readonly filter_no: number
  readonly epoch: number
  readonly head: Uint8Array
}

const loadFirsts = async (db: Db, stretches: readonly Stretch[], firsts: Map<string, number>): Promise<void> => {
  for (const some of chunksOf(stretches)) {
    const { rows } = await sql<First>`select pack.device_no, pack.filter_no, pack.epoch,
      substr(pack.heads, 1, ${sql.lit(firstHeadBytes)}) as head
      from (values ${asked(some)}) as asked join observe_event_pack as pack on pack.pack_no =
        (select min(first.pack_no) from observe_event_pack as first
          where first.device_no = asked.column1 and first.filter_no = asked.column2)`.execute(db)
    for (const { device_no: deviceNo, filter_no: filterNo, epoch, head } of rows)
      firsts.set(stretchKey({ deviceNo, filterNo }), orderOf(epoch, firstSequenceOf(head)))
  }
}

interface Heads {
  readonly device_no: number
  readonly epoch: number
  readonly heads: Uint8Array
}

const readStretches = async (
  db: Db,
  sought: readonly Sought[],
  filterNosOf: (place: Sought) => readonly number[],
  found: Map<string, string>,
): Promise<void> => {
  const wanted = Map.groupBy(sought, ({ deviceNo, order }) => `${deviceNo} ${epochOf(order)}`)
  const sequences = new Map(
    [...wanted].map(([key, places]) => [key, new Set(places.map((place) => sequenceOf(place.order)))]),
  )
  const stretches = sought.flatMap((place) =>
    filterNosOf(place).map((filterNo): Stretch => ({ deviceNo: place.deviceNo, filterNo })),
  )
  const distinct = [...new Map(stretches.map((stretch) => [stretchKey(stretch), stretch])).values()]
  for (const some of chunksOf(distinct)) {
    const { rows } = await sql<Heads>`select pack.device_no, pack.epoch, pack.heads
      from (values ${asked(some)}) as asked join observe_event_pack as pack
        on pack.device_no = asked.column1 and pack.filter_no = asked.column2`.execute(db)
    for (const { device_no: deviceNo, epoch, heads } of rows)
      for (const [sequence, eventKey] of keysOfSequences(heads, sequences.get(`${deviceNo} ${epoch}`) ?? none))
        found.set(placeKey({ deviceNo, order: orderOf(epoch, sequence) }), eventIdOf(eventKey))
  }
}

const none: ReadonlySet<number> = new Set()
