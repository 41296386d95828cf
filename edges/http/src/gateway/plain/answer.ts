// An answer as the bytes of HTTP/1.1, in the words that Node uses for those that it writes.
// What is in it is said by the exchange; nothing in a head comes from a caller unchecked.
import { STATUS_CODES } from 'node:http'

const secondMs = 1000
let dateField = ''
let dateUntilMs = 0

/** When an answer was made, to the second. */
const dateNow = (): string => {
  const nowMs = Date.now()
  if (nowMs >= dateUntilMs || nowMs < dateUntilMs - secondMs) {
    dateUntilMs = nowMs - (nowMs % secondMs) + secondMs
    dateField = `Date: ${new Date(nowMs).toUTCString()}\r\n`
  }
  return dateField
}

/** `head` has names and values in turn, the length of the body among them. */
export const answerText = (status: number, head: readonly string[], body: string, closes: boolean): string => {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`
  for (let at = 0; at < head.length; at += 2) text += `${head[at]}: ${head[at + 1]}\r\n`
  return `${text}${dateNow()}Connection: ${closes ? 'close' : 'keep-alive'}\r\n\r\n${body}`
}
