// A request that Node read, with Node's means to answer it.
// What is done with it is the exchange's.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { BodyTaker, Message } from './message.ts'

const closing = ['connection', 'close']

export class NodeMessage implements Message {
  readonly #request: IncomingMessage
  readonly #reply: ServerResponse
  #taker: BodyTaker | undefined

  constructor(request: IncomingMessage, reply: ServerResponse) {
    this.#request = request
    this.#reply = reply
  }

  get method(): string {
    return this.#request.method ?? ''
  }

  get url(): string {
    return this.#request.url ?? ''
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers
  }

  get complete(): boolean {
    return this.#request.complete
  }

  get destroyed(): boolean {
    return this.#request.destroyed
  }

  pass(taker: BodyTaker): void {
    const isFirst = this.#taker === undefined
    this.#taker = taker
    if (!isFirst) return
    // A sender that waits for permission to send its body has it by now: its head was judged.
    if (this.headers.expect !== undefined && !this.#reply.headersSent) this.#reply.writeContinue()
    this.#request.on('data', (piece: Buffer) => this.#taker?.take(piece))
    this.#request.on('end', () => this.#taker?.end())
    this.#request.on('error', () => this.#taker?.lost())
  }

  answer(status: number, head: readonly string[], body: string, closes: boolean): void {
    this.#reply.writeHead(status, closes ? [...head, ...closing] : [...head]).end(body)
  }

  answerEarly(status: number, head: readonly string[], body: string): void {
    this.#reply.writeHead(status, [...head, ...closing]).write(body)
  }

  leave(): void {
    this.#reply.end()
  }
}
