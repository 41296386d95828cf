// Handshakes one after the other: when a whole fleet comes at once, some shake hands while the others wait unanswered.
// All at the same time, each would take as long as all of them together. Who waits is listened to only where many are gone
// when their turn comes, because listening costs a fifth of a handshake.
import type { Socket } from 'node:net'
import { createPace, type PaceLimits } from './pace.ts'

export interface HandshakeLimits extends PaceLimits {
  /** How long a client that is listened to may wait without a first word; one that spoke waits as long as it likes. */
  readonly silentMs: number
}

export interface Handshakes {
  /** For a socket just accepted, which nobody reads: its handshake begins now, or when its turn comes. */
  take(socket: Socket): void
  /** A handshake that had begun is over, whichever way; `isAbsent`: its client had left. */
  ended(isAbsent: boolean): void
  /** Sockets whose handshake has not begun. */
  waiting(): number
  /** Nobody who waits is served any more. */
  close(): void
}

/** More than any first message of TLS; what comes after stays in the kernel. */
const greetingBytes = 16_384

/** A socket that waits. One that nobody reads does not tell that its client has left; then it is heard, too. */
class Guest {
  readonly socket: Socket
  readonly #pieces: Buffer[] = []
  #byteCount = 0

  constructor(socket: Socket) {
    this.socket = socket
  }

  hasSpoken(): boolean {
    return this.#byteCount > 0
  }

  hear(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#byteCount += piece.length
    if (this.#byteCount > greetingBytes) this.socket.pause()
  }

  /** Leaves what it said to whoever reads the socket next. */
  handBack(): void {
    this.socket.pause()
    if (this.hasSpoken()) this.socket.unshift(Buffer.concat(this.#pieces))
  }
}

/** So many of the line are forgotten together. */
const longServed = 1024

const ignore = (): void => undefined

/** `begin` starts a socket's handshake. */
export const createHandshakes = (limits: HandshakeLimits, begin: (socket: Socket) => void): Handshakes => {
  const pace = createPace(limits)
  const guests = new Map<Socket, Guest>()
  /** In the order in which they came, or spoke where they are listened to; some have left since. */
  let line: Guest[] = []
  let served = 0
  let isListening = false
  let timer: NodeJS.Timeout | undefined

  // One function of each kind for all sockets, as in connections.ts.
  function leave(this: Socket): void {
    guests.delete(this)
    this.destroy()
  }
  function hear(this: Socket, piece: Buffer): void {
    const guest = guests.get(this)
    if (guest === undefined) return
    if (!guest.hasSpoken()) {
      this.setTimeout(0)
      line.push(guest)
    }
    guest.hear(piece)
    serve()
  }
  const listen = ({ socket }: Guest): void => {
    socket.setTimeout(limits.silentMs)
    socket.on('data', hear).on('end', leave).on('timeout', leave).on('error', ignore).resume()
  }
  const listenToAll = (): void => {
    isListening = true
    line = []
    served = 0
    for (const guest of guests.values()) listen(guest)
  }
  const release = (guest: Guest): void => {
    const { socket } = guest
    guests.delete(socket)
    socket.off('close', leave)
    if (!isListening) return
    socket.off('data', hear).off('end', leave).off('timeout', leave).off('error', ignore)
    guest.handBack()
  }
  const start = (socket: Socket): void => {
    pace.begin(performance.now())
    begin(socket)
  }
  const next = (): Guest | undefined => {
    if (served > longServed) {
      line = line.slice(served)
      served = 0
    }
    while (served < line.length) {
      const guest = line[served++] as Guest
      if (guests.has(guest.socket)) return guest
    }
    return undefined
  }
  const wake = (): void => {
    timer = undefined
    serve()
  }
  const serve = (): void => {
    if (!isListening && pace.hasMetAbsent()) listenToAll()
    while (guests.size > 0 && pace.hasRoom(performance.now())) {
      const guest = next()
      if (guest === undefined) return
      release(guest)
      start(guest.socket)
    }
    const roomAtMs = pace.roomAtMs()
    if (guests.size > 0 && timer === undefined && roomAtMs !== undefined)
      timer = setTimeout(wake, roomAtMs - performance.now())
  }
  const wait = (socket: Socket): void => {
    if (guests.size === 0) {
      isListening = false
      pace.forgetAbsent()
    }
    const guest = new Guest(socket)
    guests.set(socket, guest)
    socket.on('close', leave)
    if (isListening) listen(guest)
    else line.push(guest)
    serve()
  }
  return {
    take(socket) {
      if (guests.size === 0 && pace.hasRoom(performance.now())) start(socket)
      else wait(socket)
    },
    ended(isAbsent) {
      pace.end(isAbsent)
      if (guests.size > 0) serve()
    },
    waiting: () => guests.size,
    close() {
      clearTimeout(timer)
      for (const socket of guests.keys()) socket.destroy()
    },
  }
}
