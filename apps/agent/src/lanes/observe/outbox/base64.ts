// Spells bytes that SQLite handed over as hexadecimal text the way they go onto the wire, all in one piece of memory.
// Which bytes those are is store.ts.

/**
 * A backlog is thousands of payloads a second. Read as bytes, each has memory of its own beside the heap, and the holes
 * they leave there when they go had an agent keep twice what sending needs.
 */
export const createBase64 = (): ((hex: string) => string) => {
  let room = Buffer.alloc(0)
  return (hex) => {
    const bytes = hex.length / 2
    if (room.length < bytes) room = Buffer.allocUnsafeSlow(bytes)
    room.write(hex, 'hex')
    return room.toString('base64', 0, bytes)
  }
}
