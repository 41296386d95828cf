// Reads replies off the wire: whole, as text, or line by line.
// What the text says is call's to check.
import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { Unreachable } from './unreachable.ts'

/** No reply of the contract comes near this; something that does is not our server. */
const replyBytes = 64 * 1024 * 1024

const brokenOff = (origin: string, cause?: unknown): Unreachable =>
  cause instanceof Unreachable ? cause : new Unreachable(`${origin} broke off in the middle of its reply`, { cause })

/** The whole body as text. */
export const readText = async (origin: string, reply: IncomingMessage): Promise<string> => {
  const pieces: Buffer[] = []
  let byteCount = 0
  try {
    for await (const piece of reply as AsyncIterable<Buffer>) {
      byteCount += piece.length
      if (byteCount > replyBytes) throw new Unreachable(`${origin} sent a reply larger than ${replyBytes} bytes`)
      pieces.push(piece)
    }
  } catch (cause) {
    throw brokenOff(origin, cause)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** The lines of a streamed body, as they come; throws when the stream ends before its end. */
export async function* readLines(origin: string, reply: IncomingMessage): AsyncGenerator<string> {
  try {
    for await (const line of createInterface({ input: reply, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line !== '') yield line
    }
  } catch (cause) {
    throw brokenOff(origin, cause)
  }
  // A line reader takes a torn stream for a finished one.
  if (!reply.complete) throw brokenOff(origin)
}
