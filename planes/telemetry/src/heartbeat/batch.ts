// What travels between the gateway and the unit beside the database: heartbeats that waited together, and their answers.
// Both are spelled shortly, because copying an object to another thread costs more than deciding what it says.
import { isAscii } from 'node:buffer'
import type { HeartbeatAnswer, HeartbeatCall, HeartbeatOutcome } from './heartbeat.ts'

/** One heartbeat: who said it, when, and the bytes of its body. */
export interface ToldHeartbeat {
  readonly call: HeartbeatCall
  readonly body: Uint8Array
}

export interface HeartbeatBatch {
  /** JSON of one flat list: of each call its parts in the order of `spell`, and where its body ends in the bytes of all. */
  readonly calls: string
  readonly bodies: Uint8Array<ArrayBuffer>
  readonly nowMs: number
  /** Also looks after what is due: packs, marks, old rows of the log. */
  readonly isTick: boolean
}

type Part = string | number | boolean | null

const spell = (parts: Part[], call: HeartbeatCall, endsAt: number): void => {
  const { agentId, tenantId, siteId, collectorId, assetId } = call.bound
  const { deviceNo, receivedMs, requestId, idempotencyKey, isLenient, beginsRun } = call
  parts.push(agentId, tenantId, siteId, collectorId, assetId)
  parts.push(deviceNo, receivedMs, requestId, idempotencyKey, isLenient, beginsRun, endsAt)
}

const partsOfCall = 12

const callFrom = (parts: readonly Part[], at: number): HeartbeatCall => ({
  bound: {
    agentId: parts[at] as string,
    tenantId: parts[at + 1] as string,
    siteId: parts[at + 2] as string,
    collectorId: parts[at + 3] as string,
    assetId: parts[at + 4] as string,
  },
  deviceNo: parts[at + 5] as number,
  receivedMs: parts[at + 6] as number,
  requestId: parts[at + 7] as string,
  idempotencyKey: parts[at + 8] as string | null,
  isLenient: parts[at + 9] as boolean,
  beginsRun: parts[at + 10] as boolean,
})

export const toBatch = (told: readonly ToldHeartbeat[], nowMs: number, isTick = false): HeartbeatBatch => {
  // Its own buffer, so that it can be transferred; every byte is written.
  const bodies = Buffer.allocUnsafeSlow(told.reduce((sum, { body }) => sum + body.length, 0))
  const parts: Part[] = []
  let endsAt = 0
  for (const { call, body } of told) {
    bodies.set(body, endsAt)
    endsAt += body.length
    spell(parts, call, endsAt)
  }
  return { calls: JSON.stringify(parts), bodies, nowMs, isTick }
}

/** As the unit hears it. */
export interface HeardHeartbeat {
  readonly call: HeartbeatCall
  /** Undefined for bytes that are not UTF-8. */
  readonly text: string | undefined
}

const decoder = new TextDecoder('utf-8', { fatal: true })

const decode = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** From where to where of the bodies a text lies; where all of them are ASCII, as they nearly always are, they are one text. */
const createTexts = (bodies: Uint8Array<ArrayBuffer>): ((from: number, to: number) => string | undefined) => {
  if (!isAscii(bodies)) return (from, to) => decode(bodies.subarray(from, to))
  const text = Buffer.from(bodies.buffer, bodies.byteOffset, bodies.length).toString('latin1')
  return (from, to) => text.slice(from, to)
}

export const fromBatch = ({ calls, bodies }: HeartbeatBatch): readonly HeardHeartbeat[] => {
  const parts = JSON.parse(calls) as readonly Part[]
  const textOf = createTexts(bodies)
  const heard: HeardHeartbeat[] = []
  let startsAt = 0
  for (let at = 0; at < parts.length; at += partsOfCall) {
    const endsAt = parts[at + partsOfCall - 1] as number
    heard.push({ call: callFrom(parts, at), text: textOf(startsAt, endsAt) })
    startsAt = endsAt
  }
  return heard
}

/** One answer for each heartbeat, in their order; null for one that was taken and about which there is no more to say. */
export type HeartbeatAnswers = readonly (HeartbeatAnswer | null)[]

const nothingMore: HeartbeatOutcome = {
  isDuplicate: false,
  warnings: [],
  clockSkewSeconds: null,
  secretCount: 0,
  described: null,
}
const taken: HeartbeatAnswer = { ok: true, value: nothingMore }

const isPlain = ({ isDuplicate, warnings, clockSkewSeconds, secretCount, described }: HeartbeatOutcome): boolean =>
  !isDuplicate && warnings.length === 0 && clockSkewSeconds === null && secretCount === 0 && described === null

export const shorten = (answer: HeartbeatAnswer): HeartbeatAnswer | null =>
  answer.ok && isPlain(answer.value) ? null : answer

export const answerOf = (said: HeartbeatAnswer | null): HeartbeatAnswer => said ?? taken
