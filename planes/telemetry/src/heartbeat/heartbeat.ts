// Heartbeats, the unit beside the database: read, decide, append, answer; on disk before anybody is answered (telemetry 10 to 13).
// Who may speak is decided before, in binding/; the gateway's half is route.ts, and what packs become later is presence/.
import type { Told } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'
import { type Announcement, announce, createGroup, serialize, type Tx, type UnitHost } from '@muster/storage'
import { isObject } from './aliases.ts'
import { fromBatch, type HeardHeartbeat, type HeartbeatAnswers, type HeartbeatBatch, shorten } from './batch.ts'
import { type Bound, type Description, decideHeartbeat, type Heartbeat } from './decide.ts'
import { decideOrder } from './decide-order.ts'
import { changedParts, descriptionDigest, faceOf } from './describe.ts'
import type { Holding } from './holding.ts'
import { loadPacksAround } from './pack-store.ts'
import { packFull, tidy } from './packing.ts'
import { findDigest, packSample } from './sample.ts'
import { createStaged, type Staged, storeStaged } from './staged.ts'
import { append, mayHold, newestObservedMs, samplesOf, type Tail } from './tail.ts'

export interface HeartbeatCall {
  readonly bound: Bound
  readonly deviceNo: number
  readonly receivedMs: number
  readonly requestId: string
  readonly idempotencyKey: string | null
  readonly isLenient: boolean
  /** The agent was not active until now, so what it sends begins anew on its asset's timeline. */
  readonly beginsRun: boolean
}

export interface HeartbeatOutcome {
  readonly isDuplicate: boolean
  readonly warnings: readonly string[]
  readonly clockSkewSeconds: number | null
  readonly secretCount: number
  /** What the machine says of itself, when that is news. */
  readonly described: Description | null
}

export type HeartbeatRefusal =
  | 'request_malformed'
  | 'identity_override_rejected'
  | 'heartbeat_invalid'
  | 'heartbeat_conflict'

export type HeartbeatAnswer = Result<HeartbeatOutcome, HeartbeatRefusal>

type Host = Pick<UnitHost, 'write' | 'sample'>

interface Read {
  readonly call: HeartbeatCall
  readonly heartbeat: Heartbeat
}

const parse = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const readCall = ({ call, text }: HeardHeartbeat): Result<Read, HeartbeatRefusal> => {
  const said = parse(text)
  if (!isObject(said)) return refuse('request_malformed', 'The body is not a JSON object in UTF-8.')
  const heartbeat = decideHeartbeat(said, call)
  return heartbeat.ok ? ok({ call, heartbeat: heartbeat.value }) : heartbeat
}

/** Keys count for 48 hours (telemetry 12). */
const keptKeysMs = 48 * 3_600_000

const findPacked = async (tx: Tx, { call, heartbeat }: Read, key: string): Promise<string | undefined> => {
  const packs = await loadPacksAround(tx, call.deviceNo, heartbeat.observedMs, call.receivedMs - keptKeysMs)
  for (const samples of packs) {
    const found = findDigest(samples, key)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * The digest a heartbeat of this key is held under: first where nearly every repeat is, then in the packs of that time.
 * A promise only for the latter, because hundreds of heartbeats are decided in a row.
 */
const findHeld = (tx: Tx, tail: Tail, read: Read): string | undefined | Promise<string | undefined> => {
  const { key, observedMs } = read.heartbeat
  if (key === null) return undefined
  const held = mayHold(tail, key) ? findDigest(samplesOf(tail), key) : undefined
  const isNews = tail.packed === null || observedMs > tail.packed.observedMs
  return held !== undefined || isNews ? held : findPacked(tx, read, key)
}

const outcomeOf = ({ heartbeat }: Read, isDuplicate: boolean, described: Description | null): HeartbeatOutcome => {
  const { warnings, clockSkewSeconds, secretCount } = heartbeat
  return { isDuplicate, warnings, clockSkewSeconds, secretCount, described }
}

/** Appends it to the tail and to what the transaction will store; answers what is news of the machine. */
const take = (holding: Holding, staged: Staged, tail: Tail, read: Read, isNewest: boolean): Description | null => {
  const { call, heartbeat } = read
  const { described } = tail
  const digest = descriptionDigest(heartbeat.description)
  const isSame = described?.digest === digest
  const face = isSame ? described.face : faceOf(heartbeat.description)
  const descriptionNo = isSame ? described.descriptionNo : staged.describe(call, heartbeat.description, digest, face)
  const sample = packSample(heartbeat, call.receivedMs, descriptionNo)
  holding.tails.keep(tail)
  const no = staged.log(call, sample)
  const isFirst = tail.lastSeenMs === null
  const changed = isFirst || isSame || !isNewest ? [] : changedParts(described?.face ?? '', face)
  staged.follow({ call, tail, heartbeatKey: heartbeat.key ?? String(no), isFirst, changed })
  append(tail, no, sample)
  if (!isNewest || isSame) return null
  tail.described = { descriptionNo, digest, face }
  staged.present(call, descriptionNo)
  return heartbeat.description
}

interface Deciding {
  readonly holding: Holding
  readonly staged: Staged
  readonly tail: Tail
  readonly read: Read
}

const decideOne = (deciding: Deciding, heldDigest: string | undefined): HeartbeatAnswer => {
  const { holding, staged, tail, read } = deciding
  const order = decideOrder({ heldDigest, newestObservedMs: newestObservedMs(tail) }, read.heartbeat)
  if (order === 'conflict') return refuse('heartbeat_conflict')
  if (order === 'duplicate') return ok(outcomeOf(read, true, null))
  return ok(outcomeOf(read, false, take(holding, staged, tail, read, order === 'newest')))
}

const announceAll = (tx: Tx, events: readonly Announcement[], staged: Staged, nowMs: number): Promise<void> =>
  announce(
    tx,
    ...events,
    ...staged.ranges().map((range): Told & Announcement => ({
      tenantId: range.tenantId,
      topic: 'telemetry.heartbeats_stored',
      key: String(range.throughNo),
      body: { fromNo: range.fromNo, throughNo: range.throughNo },
      createdMs: nowMs,
    })),
  )

const decideAll = async (
  holding: Holding,
  tx: Tx,
  batch: HeartbeatBatch,
  reads: readonly Read[],
): Promise<readonly HeartbeatAnswer[]> => {
  // Numbers are given in the order of commits, and every gateway hears what the others stored before it decides.
  await serialize(tx, 'telemetry_heartbeat')
  await holding.follow(tx)
  const met = reads.map(({ call }) => ({ deviceNo: call.deviceNo, tenantId: call.bound.tenantId }))
  await holding.meet(tx, met)
  const staged = createStaged(holding)
  const answers: HeartbeatAnswer[] = []
  for (const read of reads) {
    const tail = holding.tail(read.call.deviceNo)
    const held = findHeld(tx, tail, read)
    answers.push(decideOne({ holding, staged, tail, read }, held instanceof Promise ? await held : held))
  }
  await announceAll(tx, await storeStaged(tx, staged), staged, batch.nowMs)
  await packFull(
    tx,
    holding,
    met.map(({ deviceNo }) => deviceNo),
  )
  if (batch.isTick) await tidy(tx, holding, batch.nowMs)
  return answers
}

const commit = async (
  host: Host,
  holding: Holding,
  batch: HeartbeatBatch,
  reads: readonly Read[],
): Promise<readonly HeartbeatAnswer[]> => {
  await holding.start()
  try {
    const answers = await host.write((tx) => {
      // PostgreSQL may run this again after a conflict.
      holding.rewind()
      return decideAll(holding, tx, batch, reads)
    })
    holding.settle()
    return answers
  } catch (error) {
    holding.rewind()
    throw error
  }
}

/** Answers one batch at a time; a fault of the store is thrown to everyone in it, and nothing of it is kept. */
export const createHeartbeats = (host: Host, holding: Holding) => {
  const answer = async (batch: HeartbeatBatch): Promise<HeartbeatAnswers> => {
    const heard = fromBatch(batch)
    const read = heard.map(readCall)
    const sound = read.flatMap((one) => (one.ok ? [one.value] : []))
    const decided = sound.length === 0 && !batch.isTick ? [] : await commit(host, holding, batch, sound)
    host.sample('heartbeat_group', heard.length)
    let next = 0
    return read.map((one) => shorten(one.ok ? (decided[next++] as HeartbeatAnswer) : one))
  }
  return createGroup<HeartbeatBatch, HeartbeatAnswers>({
    maxItems: 1,
    run: (batches) => Promise.all(batches.map(answer)),
  })
}
