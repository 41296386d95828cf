// The open connections of a listener: found by socket, counted, and closed when the listener stops.
// What is known of each is connection.ts.
import type { Socket } from 'node:net'
import { Connection } from './connection.ts'

export interface Connections {
  /** The connection of a socket; the first call for a socket begins it. */
  of(socket: Socket): Connection
  /** Counts a socket from before its handshake, so that none is forgotten at the end. */
  accept(socket: Socket): void
  count(): number
  closeIdle(): void
  destroyAll(): void
}

export const createConnections = (): Connections => {
  const open = new Map<Socket, Connection>()
  const accepted = new Set<Socket>()
  // One function for every socket: at tens of thousands of them a closure each would show.
  function forget(this: Socket): void {
    open.delete(this)
  }
  function release(this: Socket): void {
    accepted.delete(this)
  }
  return {
    of(socket) {
      const known = open.get(socket)
      if (known !== undefined) return known
      const connection = new Connection(socket)
      open.set(socket, connection)
      socket.on('close', forget)
      return connection
    },
    accept(socket) {
      accepted.add(socket)
      socket.on('close', release)
    },
    count: () => open.size,
    closeIdle() {
      for (const [socket, connection] of open) if (connection.underWay === 0) socket.destroySoon()
    },
    destroyAll() {
      for (const socket of accepted) socket.destroy()
    },
  }
}
