// What is known of one open connection: who is at its other end, and whether a request is under way.
// The facts of a certificate are read once per socket; whether it may speak is asked on every request, elsewhere.
import type { Socket } from 'node:net'
import { type Peer, readPeer } from '../peer.ts'

export class Connection {
  readonly ip: string
  readonly #socket: Socket
  #peer: Peer | null | undefined
  /** Requests accepted and not yet answered; pipelining makes it more than one. */
  underWay = 0

  constructor(socket: Socket) {
    this.#socket = socket
    this.ip = socket.remoteAddress ?? ''
  }

  get peer(): Peer | null {
    if (this.#peer === undefined) this.#peer = readPeer(this.#socket)
    return this.#peer
  }
}
