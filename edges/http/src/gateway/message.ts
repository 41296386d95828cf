// A request and the answer it gets, as an exchange has them, whoever read its bytes.
// Plain ones are read in plain/; all others by Node, behind node-message.ts.
import type { IncomingHttpHeaders } from 'node:http'

/** Who is told of a body. */
export interface BodyTaker {
  take(piece: Buffer): void
  /** All of it was given to `take`. */
  end(): void
  /** The caller left before the end. */
  lost(): void
}

export interface Message {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** All of the body has come. */
  readonly complete: boolean
  /** The caller is gone. */
  readonly destroyed: boolean
  /** Gives the body to `taker`, or what is still to come of it, and to nobody it was given to before. */
  pass(taker: BodyTaker): void
  /** `head` has names and values in turn, the length of the body among them. */
  answer(status: number, head: readonly string[], body: string, closes: boolean): void
  /** Answers while the body is still coming; `leave` ends the connection, once that may be. */
  answerEarly(status: number, head: readonly string[], body: string): void
  leave(): void
}
