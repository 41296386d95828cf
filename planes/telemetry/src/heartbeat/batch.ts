// What travels between the gateway and the unit beside the database: heartbeats that waited together, and their answers.
// Both are spelled shortly, because copying an object to another thread costs more than deciding what it says.
import type { HeartbeatAnswer, HeartbeatCall, HeartbeatOutcome } from './heartbeat.ts'

/** One heartbeat: who said it, when, and the bytes of its body. */
export interface ToldHeartbeat {
  readonly call: HeartbeatCall
  readonly body: Uint8Array
}

export interface HeartbeatBatch {
  /** JSON of the calls, each with where its body ends in the bytes of all. */
  readonly calls: string
  readonly bodies: Uint8Array<ArrayBuffer>
  readonly nowMs: number
  /** Also looks after what is due: packs, marks, old rows of the log. */
  readonly isTick: boolean
}

type Spelled = readonly [call: HeartbeatCall, endsAt: number]

export const toBatch = (told: readonly ToldHeartbeat[], nowMs: number, isTick = false): HeartbeatBatch => {
  const bodies = new Uint8Array(told.reduce((sum, { body }) => sum + body.length, 0))
  let endsAt = 0
  const calls = told.map(({ call, body }): Spelled => {
    bodies.set(body, endsAt)
    endsAt += body.length
    return [call, endsAt]
  })
  return { calls: JSON.stringify(calls), bodies, nowMs, isTick }
}

export const fromBatch = ({ calls, bodies }: HeartbeatBatch): readonly ToldHeartbeat[] => {
  let startsAt = 0
  return (JSON.parse(calls) as readonly Spelled[]).map(([call, endsAt]) => {
    const body = bodies.subarray(startsAt, endsAt)
    startsAt = endsAt
    return { call, body }
  })
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
