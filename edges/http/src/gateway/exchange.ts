// One request on the gateway, from its head to its answer: speaker, body, handler, reply.
// Which route it is for is the gateway's to find; opening and closing connections is the listener's.
import type { IncomingHttpHeaders } from 'node:http'
import type { RefusalCode } from '@muster/contract'
import { type Clock, type Log, ok, type Refusal, type Result } from '@muster/kernel'
import { admitBody, checkShape, isEncoded } from '../admit.ts'
import { checkAnswer } from '../checked.ts'
import { isOtherMedia, requestIdOf } from '../dialect.ts'
import { callerLeft, type Measure } from '../measure.ts'
import type { Peer } from '../peer.ts'
import { type ExcuseOf, faultRefusal, jsonType, problemOf } from '../problem.ts'
import { type AnyAnswer, EncodedJson, RepliedAs, type Said, type Served } from '../serve.ts'
import { bytesAnnounced, isLongUnread, readQuery } from './body.ts'
import type { BodyBudget } from './body-budget.ts'
import type { Connection } from './connection.ts'
import type { HandOver } from './hand-over/hand-over.ts'
import { answerThenClose } from './linger.ts'
import type { BodyTaker, Message } from './message.ts'

/** Asked on every request of a device route; the headers carry the credential in token mode. */
export type IdentifyDevice = (
  peer: Peer | null,
  headers: IncomingHttpHeaders,
) => Result<unknown, RefusalCode> | Promise<Result<unknown, RefusalCode>>

/** An agent at a route of its own: what it showed, and the id its path names. */
export interface AgentKnock {
  readonly agentId: string
  readonly peer: Peer | null
  readonly headers: IncomingHttpHeaders
  readonly ip: string
  readonly requestId: string
}

/** Asked on every request of an agent's route. */
export type IdentifyAgent = (knock: AgentKnock) => Result<unknown, RefusalCode> | Promise<Result<unknown, RefusalCode>>

/** What all exchanges of one gateway share. */
export interface Surroundings {
  readonly identifyDevice: IdentifyDevice
  readonly identifyAgent: IdentifyAgent
  /** Undefined where nobody stands between devices and this listener. */
  readonly handOver: HandOver | undefined
  readonly budget: BodyBudget
  readonly excuseOf: ExcuseOf
  readonly onMeasure: Measure
  readonly clock: Clock
  readonly log: Log
  readonly checkReplies: boolean
  readonly nextRequestId: () => string
  /** While the gateway stops, every answer closes its connection. */
  isDraining(): boolean
}

/** A request that found its route. */
export interface Call {
  readonly served: Served
  readonly params: Readonly<Record<string, string>> | undefined
  readonly message: Message
  readonly connection: Connection
}

export class Exchange implements BodyTaker {
  readonly #around: Surroundings
  readonly #call: Call
  readonly #requestId: string
  readonly #receivedMs: number
  readonly #startedMs = performance.now()
  readonly #pieces: Buffer[] = []
  #byteCount = 0
  #speaker: unknown
  #finished = false

  constructor(around: Surroundings, call: Call) {
    this.#around = around
    this.#call = call
    this.#requestId = requestIdOf(call.served.route, call.message.headers) ?? around.nextRequestId()
    this.#receivedMs = around.clock.nowMs()
    call.connection.underWay += 1
  }

  /** Asks who speaks before a byte of the body is taken. */
  begin(): void {
    const { served, connection, message } = this.#call
    const { route } = served
    try {
      if (route.dialect === 'telemetry' && this.#isOddByHead()) return
      if (route.speaker !== 'device' && route.speaker !== 'agent') return this.#takeBody()
      const peer = this.#around.handOver?.peerOf(connection, message.headers) ?? ok(connection.peer)
      if (!peer.ok) return this.refuse(route.speaker === 'agent' ? faultRefusal : peer.refusal)
      const known = this.#identify(peer.value)
      if (known instanceof Promise) this.#await(known, (settled) => this.#admit(settled))
      else this.#admit(known)
    } catch (fault) {
      this.#fail(fault)
    }
  }

  #identify(peer: Peer | null): ReturnType<IdentifyDevice> {
    const { served, params, message } = this.#call
    const { headers } = message
    if (served.route.speaker === 'device') return this.#around.identifyDevice(peer, headers)
    const agentId = params?.['agent_id'] ?? ''
    return this.#around.identifyAgent({ agentId, peer, headers, ip: this.#ip(), requestId: this.#requestId })
  }

  /** An agent is told what is wrong with its body before what is wrong with itself (telemetry 11, check 1). */
  #isOddByHead(): boolean {
    const { message, served } = this.#call
    const { headers } = message
    const announced = bytesAnnounced(message)
    const hasBody = announced > 0 || headers['transfer-encoding'] !== undefined
    if (announced > served.route.limits.bodyBytes) this.refuse({ code: 'body_too_large' })
    else if (isEncoded(headers)) this.refuse({ code: 'encoding_unsupported' })
    else if (isOtherMedia(served.route, headers, hasBody)) this.refuse({ code: 'media_type_unsupported' })
    return this.#finished
  }

  #ip(): string {
    const { connection, message } = this.#call
    return this.#around.handOver?.ipOf(connection, message.headers) ?? connection.ip
  }

  /** For requests that are declined by their head alone. */
  refuse(refusal: Refusal<RefusalCode>): void {
    const { dialect } = this.#call.served.route
    const { status, body, retryAfterSeconds } = problemOf(refusal, this.#requestId, dialect)
    this.#send(status, body, refusal.code, retryAfterSeconds)
  }

  #await<T>(promise: Promise<T>, proceed: (value: T) => void): void {
    const fail = (fault: unknown): void => this.#fail(fault)
    promise.then((value) => {
      try {
        proceed(value)
      } catch (fault) {
        fail(fault)
      }
    }, fail)
  }

  #admit(known: Result<unknown, RefusalCode>): void {
    if (!known.ok) return this.refuse(known.refusal)
    this.#speaker = known.value
    this.#takeBody()
  }

  #takeBody(): void {
    const { message, served } = this.#call
    if (message.destroyed) return this.#finish(callerLeft)
    if (isEncoded(message.headers)) return this.refuse({ code: 'encoding_unsupported' })
    if (bytesAnnounced(message) > served.route.limits.bodyBytes) return this.refuse({ code: 'body_too_large' })
    message.pass(this)
  }

  /** A piece of the body. */
  take(piece: Buffer): void {
    if (this.#finished) return
    if (this.#byteCount + piece.length > this.#call.served.route.limits.bodyBytes) {
      return this.refuse({ code: 'body_too_large' })
    }
    if (!this.#around.budget.take(piece.length)) {
      return this.refuse({ code: 'store_busy', detail: 'Too many large bodies are being received.' })
    }
    this.#byteCount += piece.length
    this.#pieces.push(piece)
  }

  /** The caller left within its body. */
  lost(): void {
    this.#finish(callerLeft)
  }

  /** The body is whole. */
  end(): void {
    if (this.#finished) return
    try {
      const said = this.#read()
      if (!said.ok) return this.refuse(said.refusal)
      const answer = this.#call.served.handle(said.value)
      if (answer instanceof Promise) this.#await(answer, (settled) => this.#answer(settled))
      else this.#answer(answer)
    } catch (fault) {
      this.#fail(fault)
    }
  }

  #read(): Result<Said<never, never, unknown>, RefusalCode> {
    const { message } = this.#call
    const { route } = this.#call.served
    const body = admitBody(route, this.#pieces, this.#byteCount)
    if (!body.ok) return body
    const params = checkShape(route.params, 'params', this.#call.params)
    if (!params.ok) return params
    const query = readQuery(route, message)
    if (!query.ok) return query
    return ok({
      params: params.value as never,
      query: query.value as never,
      body: body.value,
      speaker: this.#speaker as never,
      requestId: this.#requestId,
      ip: this.#ip(),
      receivedMs: this.#receivedMs,
      ...this.#key(),
    })
  }

  /** Agents of others may name their heartbeats so (telemetry 12). */
  #key(): { readonly idempotencyKey?: string } {
    const { served, message } = this.#call
    const key = message.headers['idempotency-key']
    return served.route.speaker === 'agent' && typeof key === 'string' ? { idempotencyKey: key } : {}
  }

  #answer(answer: AnyAnswer): void {
    const { route } = this.#call.served
    if (this.#around.checkReplies) checkAnswer(route, answer)
    if (!answer.ok) return this.refuse(answer.refusal)
    const { status, reply } =
      answer.value instanceof RepliedAs ? answer.value : { status: route.status, reply: answer.value }
    this.#send(status, reply instanceof EncodedJson ? reply.text : JSON.stringify(reply))
  }

  #fail(fault: unknown): void {
    const excuse = this.#around.excuseOf(fault)
    if (excuse !== undefined) return this.refuse({ code: excuse })
    const { path } = this.#call.served.route
    this.#around.log.error('request failed', { 'request.id': this.#requestId, 'http.route': path, err: fault })
    this.refuse(faultRefusal)
  }

  /**
   * After a 401 or an enrolment the next request must come with a certificate, so on a new connection
   * (sensor-protocol 3.4); the others would have to read on just to throw away.
   */
  #closes(status: number): boolean {
    return (
      status === 401 ||
      status === 413 ||
      status === 415 ||
      this.#call.served.route.speaker === 'enrollee' ||
      this.#around.isDraining() ||
      isLongUnread(this.#call.message)
    )
  }

  #send(status: number, text: string, code?: RefusalCode, retryAfterSeconds?: number): void {
    if (this.#finished) return
    const { message } = this.#call
    const head = ['content-type', jsonType, 'content-length', String(Buffer.byteLength(text))]
    if (this.#call.served.route.dialect === 'telemetry')
      head.push('x-request-id', this.#requestId, 'cache-control', 'no-store')
    if (retryAfterSeconds !== undefined) head.push('retry-after', String(retryAfterSeconds))
    const closes = this.#closes(status)
    if (closes && !message.complete) answerThenClose(message, status, head, text)
    else message.answer(status, head, text, closes)
    this.#finish(status, code)
  }

  #finish(status: number, code?: RefusalCode): void {
    if (this.#finished) return
    this.#finished = true
    this.#call.connection.underWay -= 1
    this.#around.budget.giveBack(this.#byteCount)
    this.#around.onMeasure(this.#call.served.route.path, status, code, (performance.now() - this.#startedMs) / 1000)
  }
}
