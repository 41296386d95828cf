// Just enough DER to write an X.509 certificate and to find a field in one of our own.
// Certificates of others are read by node:crypto; what a certificate says is certificate.ts.

const tag = (number: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  if (body.length < 0x80) return Buffer.concat([Buffer.of(number, body.length), body])
  if (body.length < 0x100) return Buffer.concat([Buffer.of(number, 0x81, body.length), body])
  if (body.length < 0x10000) return Buffer.concat([Buffer.of(number, 0x82, body.length >> 8, body.length & 255), body])
  throw new Error(`a DER value of ${body.length} bytes is longer than a certificate needs`)
}

const base128 = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [...base128(value >> 7).map((byte) => byte | 0x80), value & 0x7f]

const utc = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+|[-:T]/g, '')

export const der = {
  sequence: (...parts: readonly Uint8Array[]) => tag(0x30, ...parts),
  set: (...parts: readonly Uint8Array[]) => tag(0x31, ...parts),
  /** Takes the bytes of a number that is already positive in two's complement. */
  integer: (bytes: Uint8Array) => tag(0x02, bytes),
  boolean: (value: boolean) => tag(0x01, Buffer.of(value ? 0xff : 0)),
  octets: (bytes: Uint8Array) => tag(0x04, bytes),
  /** `unused` trailing bits of the last byte do not count. */
  bits: (bytes: Uint8Array, unused = 0) => tag(0x03, Buffer.of(unused), bytes),
  utf8: (text: string) => tag(0x0c, Buffer.from(text)),
  oid(dotted: string) {
    const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
    return tag(0x06, Buffer.of(first * 40 + second, ...rest.flatMap(base128)))
  },
  /** RFC 5280: two-digit years until 2049, four digits from then on. */
  time: (atMs: number) =>
    atMs < Date.UTC(2050, 0) ? tag(0x17, Buffer.from(utc(atMs).slice(2))) : tag(0x18, Buffer.from(utc(atMs))),
  /** Context tags: `context` replaces the tag of a primitive, `wrapped` puts one around whole values. */
  context: (number: number, bytes: Uint8Array) => tag(0x80 | number, bytes),
  wrapped: (number: number, ...parts: readonly Uint8Array[]) => tag(0xa0 | number, ...parts),
}

const lengthAt = (bytes: Buffer, at: number): { head: number; length: number } => {
  const first = bytes.readUInt8(at + 1)
  if (first < 0x80) return { head: 2, length: first }
  const width = first & 0x7f
  return { head: 2 + width, length: bytes.readUIntBE(at + 2, width) }
}

/** What is inside a value, without its tag and length. */
export const derContent = (value: Buffer): Buffer => {
  const { head, length } = lengthAt(value, 0)
  return value.subarray(head, head + length)
}

/** The values inside a constructed value, each with its tag and length. Throws on bytes that are not DER. */
export const derChildren = (value: Buffer): readonly Buffer[] => {
  const outer = lengthAt(value, 0)
  const end = outer.head + outer.length
  const children: Buffer[] = []
  for (let at = outer.head; at < end; ) {
    const { head, length } = lengthAt(value, at)
    children.push(value.subarray(at, at + head + length))
    at += head + length
  }
  return children
}
