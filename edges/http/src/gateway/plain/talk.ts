// One connection for as long as only plain requests come on it, one at a time; with the first other one it becomes Node's.
// What a plain request is, is head.ts; what it is answered, the exchange's.
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Connection } from '../connection.ts'
import type { BodyTaker, Message } from '../message.ts'
import { answerText } from './answer.ts'
import { type PlainHead, readPlainHead } from './head.ts'

export interface TalkLimits {
  /** From the beginning of a connection to its first request. */
  readonly headersMs: number
  /** From the head of a request to the end of its body. */
  readonly requestMs: number
  /** How long a connection may carry nothing. */
  readonly idleMs: number
}

export interface TalkSettings {
  readonly limits: TalkLimits
  readonly onRequest: (connection: Connection, message: Message) => void
  /** Has Node read all that comes from here on. */
  readonly leaveToNode: (socket: Socket) => void
}

interface Surroundings extends TalkSettings {
  readonly open: Set<Talk>
}

export interface Talks {
  /** Listens to a socket that has said nothing yet. */
  begin(socket: Socket, connection: Connection): void
  close(): void
}

const nobody: BodyTaker = { take() {}, end() {}, lost() {} }

const ignore = (): void => undefined

/** The connection is the message, too, because it has one request at a time. */
class Talk implements Message {
  readonly #around: Surroundings
  readonly #connection: Connection
  readonly #socket: Socket
  method = ''
  url = ''
  headers: IncomingHttpHeaders = {}
  /** Bytes of the body that are still to come. */
  #bodyLeft = 0
  #taker: BodyTaker | undefined
  /** What came of the body before anybody wanted it. */
  #held: Buffer | undefined
  #isAnswered = true
  /** Something came after the request that is under way; it lies in the socket, which is paused. */
  #hasMore = false
  #hasAsked = false
  /** Since something came or went, and since the request that is under way began. */
  #quietMs = 0
  #requestMs = 0

  constructor(around: Surroundings, socket: Socket, connection: Connection) {
    this.#around = around
    this.#connection = connection
    this.#socket = socket
    // That a connection broke is heard as its close.
    socket.on('data', this.#hear).on('end', this.#ended).on('close', this.#closed).on('error', ignore).resume()
  }

  get complete(): boolean {
    return this.#bodyLeft === 0
  }

  get destroyed(): boolean {
    return this.#socket.destroyed
  }

  pass(taker: BodyTaker): void {
    this.#taker = taker
    const held = this.#held
    this.#held = undefined
    if (held !== undefined) taker.take(held)
    if (this.complete) this.#taker.end()
    else if (this.destroyed) this.#taker.lost()
    else this.#socket.resume()
  }

  answer(status: number, head: readonly string[], body: string, closes: boolean): void {
    this.#write(answerText(status, head, body, closes))
    if (closes) return this.leave()
    this.#isAnswered = true
    this.#taker = nobody
    this.#held = undefined
    if (!this.complete) this.#socket.resume()
    else if (this.#hasMore) this.#leaveToNode()
  }

  answerEarly(status: number, head: readonly string[], body: string): void {
    this.#write(answerText(status, head, body, true))
  }

  leave(): void {
    this.#socket.destroySoon()
  }

  /** Cuts off who is too slow. */
  grow(byMs: number): void {
    const { headersMs, requestMs, idleMs } = this.#around.limits
    this.#quietMs += byMs
    this.#requestMs += byMs
    const isQuiet = this.#quietMs > (this.#hasAsked ? idleMs : headersMs)
    if (isQuiet || (!this.complete && this.#requestMs > requestMs)) this.#socket.destroy()
  }

  #write(text: string): void {
    this.#quietMs = 0
    if (this.#socket.writable) this.#socket.write(text)
  }

  readonly #hear = (piece: Buffer): void => {
    this.#quietMs = 0
    if (!this.complete) return this.#takeBody(piece)
    const head = this.#isAnswered ? readPlainHead(piece) : undefined
    if (head !== undefined) return this.#begin(head, piece)
    this.#putBack(piece)
    if (this.#isAnswered) this.#leaveToNode()
  }

  #begin({ method, url, headers, bodyAt, bodyBytes }: PlainHead, piece: Buffer): void {
    this.#hasAsked = true
    this.#requestMs = 0
    this.method = method
    this.url = url
    this.headers = headers
    this.#bodyLeft = bodyBytes
    this.#taker = undefined
    this.#isAnswered = false
    if (piece.length > bodyAt) this.#takeBody(piece.subarray(bodyAt))
    this.#around.onRequest(this.#connection, this)
    if (this.#taker === undefined && !this.complete) this.#socket.pause()
  }

  #takeBody(piece: Buffer): void {
    const own = piece.length > this.#bodyLeft ? piece.subarray(0, this.#bodyLeft) : piece
    this.#bodyLeft -= own.length
    if (own !== piece) this.#putBack(piece.subarray(own.length))
    if (this.#taker === undefined) {
      this.#held = own
      return
    }
    this.#taker.take(own)
    if (!this.complete) return
    this.#taker.end()
    if (this.#isAnswered && this.#hasMore) this.#leaveToNode()
  }

  #putBack(piece: Buffer): void {
    this.#hasMore = true
    this.#socket.pause()
    this.#socket.unshift(piece)
  }

  /** Not at once: pieces that were decrypted together would reach Node before those that lie in the socket. */
  #leaveToNode(): void {
    const socket = this.#socket
    this.#hasMore = false
    this.#around.open.delete(this)
    socket.off('data', this.#hear).off('end', this.#ended).off('close', this.#closed)
    setImmediate(() => {
      if (!socket.destroyed) this.#around.leaveToNode(socket)
    })
  }

  readonly #ended = (): void => {
    if (this.complete) this.#socket.end()
    else this.#socket.destroy()
  }

  readonly #closed = (): void => {
    this.#around.open.delete(this)
    if (!this.complete) this.#taker?.lost()
  }
}

/** All are looked at this often, so a limit is met at most this late. A timer for each, put off by every piece, would cost more. */
const checkEveryMs = 5000

export const createTalks = (settings: TalkSettings): Talks => {
  const open = new Set<Talk>()
  const around = { ...settings, open }
  const { headersMs, requestMs, idleMs } = settings.limits
  const everyMs = Math.min(checkEveryMs, headersMs, requestMs, idleMs)
  const check = (): void => {
    for (const talk of open) talk.grow(everyMs)
  }
  let timer: NodeJS.Timeout | undefined
  return {
    begin(socket, connection) {
      timer ??= setInterval(check, everyMs).unref()
      open.add(new Talk(around, socket, connection))
    },
    close: () => clearInterval(timer),
  }
}
