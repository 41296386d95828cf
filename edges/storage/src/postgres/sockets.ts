// The sockets of one client of the library, until it is let go.
// The library opens another for what still waits in a client it was told to end, and keeps that one for good.
import { createConnection, type Socket } from 'node:net'
import { StoreError } from '../faults.ts'

/** What the library says of where to go; several hosts are tried in turn. */
export interface Places {
  readonly host: readonly string[]
  readonly port: readonly number[]
  /** Of a socket in the file system; false for none. */
  readonly path: string | false
}

export interface Sockets {
  /** Not yet connected; what is written meanwhile waits. Throws once they were let go. */
  open(places: Places): Socket
  /** Ends the open one, and none comes after it. */
  letGo(): void
}

export const createSockets = (): Sockets => {
  let current: Socket | undefined
  let isGone = false
  let turn = 0
  return {
    open({ host: hosts, port: ports, path }) {
      if (isGone) throw new StoreError('postgres: the connection was replaced', 'busy')
      const at = turn++ % hosts.length
      const [host, port] = [hosts[at] as string, ports[at] as number]
      // The library takes the name that a certificate has to have from the socket.
      current = Object.assign(path === false ? createConnection({ host, port }) : createConnection({ path }), { host })
      return current
    },
    letGo() {
      isGone = true
      current?.destroy()
    },
  }
}
