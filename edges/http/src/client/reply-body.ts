// Reads replies off the wire: whole, as text, or line by line.
// What the text says is call's to check.
import type { IncomingMessage } from 'node:http'
import { Unreachable } from './unreachable.ts'

/** No reply of the contract comes near this; something that does is not our server. */
const replyBytes = 64 * 1024 * 1024

const brokenOff = (origin: string, cause?: unknown): Unreachable =>
  cause instanceof Unreachable ? cause : new Unreachable(`${origin} broke off in the middle of its reply`, { cause })

/** The whole body as text; one larger than `mostBytes` is given up. */
export const readText = async (origin: string, reply: IncomingMessage, mostBytes = replyBytes): Promise<string> => {
  const pieces: Buffer[] = []
  let byteCount = 0
  try {
    for await (const piece of reply as AsyncIterable<Buffer>) {
      byteCount += piece.length
      if (byteCount > mostBytes) throw new Unreachable(`${origin} sent a reply larger than ${mostBytes} bytes`)
      pieces.push(piece)
    }
  } catch (cause) {
    throw brokenOff(origin, cause)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/**
 * The lines of a streamed body, as they come; throws when the stream ends before its end. A caller that wants no more
 * lines just stops asking, and the rest of the body is given up.
 */
export async function* readLines(origin: string, reply: IncomingMessage): AsyncGenerator<string> {
  reply.setEncoding('utf8')
  let begun = ''
  try {
    for await (const text of reply as AsyncIterable<string>) {
      const lines = (begun + text).split('\n')
      begun = lines.pop() ?? ''
      yield* lines.filter((line) => line !== '')
    }
  } catch (cause) {
    throw brokenOff(origin, cause)
  }
  if (begun !== '') yield begun
}
