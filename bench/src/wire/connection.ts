// One kept TLS connection that speaks HTTP/1.1 by hand: a request out, its reply in, one at a time.
// It exists because Node's own client costs more than the server that is to be measured.
import type { Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls'
import { inTurns } from './in-turns.ts'

/** Who connects, and to whom; made once, because parsing keys is dear. */
export interface Papers {
  readonly context: SecureContext
}

export interface Address {
  readonly host: string
  readonly port: number
}

export interface Reply {
  readonly status: number
  readonly body: Buffer
}

export interface Connection {
  /** Sends prepared bytes; `heard` is called with the reply, or with undefined when the connection broke before it. */
  exchange(request: Buffer, heard: (reply: Reply | undefined) => void): void
  isOpen(): boolean
  close(): void
}

export const makePapers = (ca: string, own?: { readonly certPem: string; readonly keyPem: string }): Papers => ({
  context: createSecureContext({
    ca,
    minVersion: 'TLSv1.3',
    ...(own === undefined ? {} : { cert: own.certPem, key: own.keyPem }),
  }),
})

const blankLine = Buffer.from('\r\n\r\n')
const statusAt = 9
const lengthField = /\r\ncontent-length: (\d+)/i

class Talk implements Connection {
  readonly #socket: Socket
  #heard: ((reply: Reply | undefined) => void) | undefined
  #pieces: Buffer[] = []
  #byteCount = 0
  /** Where the body begins, and how many bytes the reply has in all; 0 while its head is not whole. */
  #bodyAt = 0
  #wanted = 0
  #status = 0

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (piece: Buffer) => this.#take(piece))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#settle(undefined))
  }

  exchange(request: Buffer, heard: (reply: Reply | undefined) => void): void {
    if (this.#socket.destroyed) return heard(undefined)
    this.#heard = heard
    this.#socket.write(request)
  }

  isOpen(): boolean {
    return !this.#socket.destroyed
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#byteCount += piece.length
    if (this.#wanted === 0) this.#readHead()
    if (this.#wanted === 0 || this.#byteCount < this.#wanted) return
    const whole = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces)
    const reply = { status: this.#status, body: whole.subarray(this.#bodyAt, this.#wanted) }
    this.#pieces = []
    this.#byteCount = 0
    this.#wanted = 0
    this.#settle(reply)
  }

  #readHead(): void {
    const bytes = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces)
    const end = bytes.indexOf(blankLine)
    if (end === -1) return
    const head = bytes.toString('latin1', 0, end)
    this.#status = Number(head.slice(statusAt, statusAt + 3))
    this.#bodyAt = end + blankLine.length
    this.#wanted = this.#bodyAt + Number(lengthField.exec(head)?.[1] ?? 0)
  }

  #settle(reply: Reply | undefined): void {
    const heard = this.#heard
    this.#heard = undefined
    heard?.(reply)
  }
}

/** Resolves when the handshake is done on this side; rejects when it fails or takes longer than `withinMs`. */
export const openSocket = (address: Address, papers: Papers, withinMs = 60_000): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connectTls({
      ...address,
      secureContext: papers.context,
      servername: 'localhost',
      // The chain is checked; the name is not, because it would be checked with JavaScript, twenty thousand times.
      checkServerIdentity: () => undefined,
    })
    const timer = setTimeout(() => socket.destroy(new Error('handshake took too long')), withinMs)
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      socket.setNoDelay(true).off('error', reject)
      resolve(socket)
    })
    socket.once('error', (fault) => {
      clearTimeout(timer)
      reject(fault)
    })
  })

export const openConnection = async (address: Address, papers: Papers, withinMs?: number): Promise<Connection> =>
  new Talk(await openSocket(address, papers, withinMs))

/** One connection for each of the papers, in their order, `atOnce` handshakes at a time. */
export const openConnections = async (
  address: Address,
  papers: readonly Papers[],
  atOnce = 32,
): Promise<readonly Connection[]> => {
  const opened: Connection[] = []
  await inTurns(papers.length, atOnce, async (no) => {
    opened[no] = await openConnection(address, papers[no] as Papers)
  })
  return opened
}
