// The network between an agent and its server: bytes pass, vanish, or are held, and connections are cut, as a test wants.
// It sees TLS and nothing inside it; who talks is the test's.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Network {
  /** What the agent calls in place of the gateway. */
  readonly endpoint: string
  /** Cuts every connection, and each that is tried. */
  pull(): void
  /** Every connection stays as it is, and nothing arrives at either end any more. */
  swallow(): void
  /** What the device asks arrives; what it is answered does not, if it said at least so many bytes. */
  holdReplies(leastBytes?: number): void
  /** Whether a connection that is still open has lost something. */
  hasLost(): boolean
  /** Everything passes again; a connection that lost something on the way is cut. */
  putBack(): void
  close(): void
}

interface Line {
  readonly device: Socket
  readonly server: Socket
  /** Both ends have shaken hands as soon as the device speaks after the server did. */
  isServerHeard: boolean
  /** Bytes from the device since the server spoke. */
  saidBytes: number
  isSettled: boolean
  isBroken: boolean
}

interface World {
  mode: 'passes' | 'pulled' | 'swallows' | 'holds'
  leastBytes: number
  readonly lines: Set<Line>
}

const cut = ({ device, server }: Line): void => {
  device.resetAndDestroy()
  server.resetAndDestroy()
}

const fromDevice = (world: World, line: Line, bytes: string | Buffer): void => {
  if (line.isServerHeard) line.isSettled = true
  line.saidBytes += bytes.length
  if (world.mode === 'swallows') line.isBroken = true
  else line.server.write(bytes)
}

const fromServer = (world: World, line: Line, bytes: string | Buffer): void => {
  const isHeld = world.mode === 'holds' && line.isSettled && line.saidBytes >= world.leastBytes
  line.isServerHeard = true
  line.saidBytes = 0
  if (world.mode === 'swallows' || isHeld || line.isBroken) line.isBroken = true
  else line.device.write(bytes)
}

const carry = (world: World, gatewayPort: number, device: Socket): void => {
  if (world.mode === 'pulled') {
    device.resetAndDestroy()
    return
  }
  const server = connect(gatewayPort, '127.0.0.1')
  const line: Line = { device, server, isServerHeard: false, saidBytes: 0, isSettled: false, isBroken: false }
  world.lines.add(line)
  device.on('data', (bytes) => fromDevice(world, line, bytes))
  server.on('data', (bytes) => fromServer(world, line, bytes))
  for (const [end, other] of [
    [device, server],
    [server, device],
  ] as const) {
    end.on('error', () => {}) // a cut line is what these tests are about
    end.on('close', () => {
      if (other.destroyed || !line.isBroken) world.lines.delete(line)
      // Where nothing arrives, the end of a connection does not arrive either.
      if (!line.isBroken) other.destroy()
    })
  }
}

export const startNetwork = async (gatewayPort: number): Promise<Network> => {
  const world: World = { mode: 'passes', leastBytes: 0, lines: new Set() }
  const listener = createServer({ noDelay: true }, (device) => carry(world, gatewayPort, device))
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const cutAll = (): void => {
    for (const line of world.lines) cut(line)
  }
  return {
    endpoint: `https://localhost:${(listener.address() as AddressInfo).port}`,
    pull() {
      world.mode = 'pulled'
      cutAll()
    },
    swallow() {
      world.mode = 'swallows'
    },
    holdReplies(leastBytes = 0) {
      world.mode = 'holds'
      world.leastBytes = leastBytes
    },
    hasLost: () => [...world.lines].some(({ isBroken }) => isBroken),
    putBack() {
      world.mode = 'passes'
      for (const line of world.lines) if (line.isBroken) cut(line)
    },
    close() {
      listener.close()
      cutAll()
    },
  }
}
