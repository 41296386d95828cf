// Overwrites what stands between two quotes so that the string stays as valid, as long and as empty as it was.
// Which strings are blanked is decided by those who know the document's language.

const space = 32
const backslash = 92
const zero = 48

const isHexDigit = (byte: number): boolean =>
  (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102)

const digitsAfter = (escaped: number | undefined): number => (escaped === 117 ? 4 : escaped === 85 ? 8 : 0)

/**
 * Control characters and the shapes of escapes stay: what made the string invalid must go on making it invalid, and no
 * quote may lose the backslash before it.
 */
export const blankString = (bytes: Uint8Array, from: number, to: number, hasEscapes: boolean): void => {
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0
    if (hasEscapes && byte === backslash) {
      const digits = digitsAfter(bytes[at + 1])
      at += 1
      for (let left = digits; left > 0 && at + 1 < to && isHexDigit(bytes[at + 1] ?? 0); left--) bytes[++at] = zero
    } else if (byte > space) bytes[at] = space
  }
}

/** A number keeps its shape and loses its value: every digit but 0 becomes 1. */
export const blankDigits = (bytes: Uint8Array, from: number, to: number): void => {
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0
    if (byte > zero && byte <= 57) bytes[at] = 49
  }
}
