// From the log into packs: some thirty heartbeats of a device in one row, so that a beat costs a thirtieth of a page.
// When a tail is due is said here; what is in it is tail.ts, and what packs become with age is presence/.
import { engineOf, type Tx } from '@muster/storage'
import { type Holding, packedMark } from './holding.ts'
import { type PackRow, packBytes, storePacks } from './pack-store.ts'
import { observedOf, receivedOf, splitSamples } from './sample.ts'
import { loadMark, loadStillLogged, storeMark, trimLog } from './store.ts'
import { cut, samplesOf, type Tail } from './tail.ts'

/** A tail that is not full is packed at this age, so that a start never reads more of the log. */
const agedMs = 45 * 60_000
/** Tails packed in one transaction at most, so that heartbeats behind it wait only a little. */
const packsAtOnce = 300
/** Rows of the log stay so long after they are packed, for whoever reads events from them. */
const eventsKeptMs = 6 * 3_600_000
const trimmedAtOnce = 20_000

const isFull = (tail: Tail): boolean => tail.nos.length >= tail.fullAt

const isAged = (tail: Tail, nowMs: number): boolean => tail.nos.length > 0 && tail.firstMs < nowMs - agedMs

const toRow = (tail: Tail): PackRow => {
  const samples = splitSamples(samplesOf(tail))
  const observed = samples.map(observedOf)
  const received = samples.map(receivedOf)
  return {
    tenantId: tail.tenantId,
    deviceNo: tail.deviceNo,
    fromMs: Math.min(...received),
    throughMs: Math.max(...received),
    observedFromMs: Math.min(...observed),
    observedMs: Math.max(...observed, tail.packed?.observedMs ?? 0),
    throughNo: tail.nos.at(-1) ?? 0,
    total: (tail.packed?.total ?? 0) + tail.nos.length,
    samples: packBytes(samplesOf(tail)),
  }
}

/** Of neighbours the rows lie on the same page of the index. */
const byNo = (left: Tail, right: Tail): number => left.deviceNo - right.deviceNo

/** Another gateway may have forgotten a device whose tail is held here; it is forgotten here, too, instead of packed. */
const dropForgotten = async (tx: Tx, holding: Holding, due: readonly Tail[]): Promise<readonly Tail[]> => {
  if (engineOf(tx) === 'sqlite' || due.length === 0) return due
  const lastNo = ({ nos }: Tail): number => nos.at(-1) ?? 0
  const logged = await loadStillLogged(tx, due.map(lastNo))
  const gone = due.filter((tail) => !logged.has(lastNo(tail)))
  for (const { deviceNo } of gone) holding.tails.forget(deviceNo)
  return due.filter((tail) => !gone.includes(tail))
}

const packThese = async (tx: Tx, holding: Holding, full: readonly Tail[]): Promise<void> => {
  const due = await dropForgotten(tx, holding, full)
  const rows = due.toSorted(byNo).slice(0, packsAtOnce).map(toRow)
  await storePacks(tx, rows)
  for (const row of rows) {
    const tail = holding.tail(row.deviceNo)
    holding.tails.keep(tail)
    cut(tail, row)
  }
}

/** Packs those that the heartbeats of a transaction filled. */
export const packFull = (tx: Tx, holding: Holding, deviceNos: readonly number[]): Promise<void> =>
  packThese(tx, holding, [...new Set(deviceNos)].map((deviceNo) => holding.tail(deviceNo)).filter(isFull))

/** The last number below which everything is in packs. */
const packedThrough = ({ tails, lastNo }: Holding): number => {
  let first = lastNo + 1
  for (const { nos } of tails.all()) first = Math.min(first, nos[0] ?? first)
  return first - 1
}

/** What is due by the clock: tails of silent devices, the mark a start reads from, rows nobody needs any more. */
export const tidy = async (tx: Tx, holding: Holding, nowMs: number): Promise<void> => {
  const due = [...holding.tails.all()].filter((tail) => isFull(tail) || isAged(tail, nowMs))
  await packThese(tx, holding, due)
  const through = packedThrough(holding)
  if (through > (await loadMark(tx, packedMark))) await storeMark(tx, packedMark, through)
  await trimLog(tx, through, nowMs - eventsKeptMs, trimmedAtOnce)
}
