// Answers a request whose body will not be read, and then closes the connection.
// Closing at once would reset the connection under a sender that still writes, and take the answer with it.
import type { Message } from './message.ts'

const lingerMs = 2000
const lingerBytes = 262_144

/** The head must announce the body's length: the sender then has the whole answer while its own bytes are thrown away. */
export const answerThenClose = (message: Message, status: number, head: readonly string[], body: string): void => {
  let discarded = 0
  const close = (): void => {
    clearTimeout(timer)
    message.leave()
  }
  const timer = setTimeout(close, lingerMs)
  message.answerEarly(status, head, body)
  message.pass({
    take(piece) {
      discarded += piece.length
      if (discarded > lingerBytes) close()
    },
    end: close,
    lost: close,
  })
}
