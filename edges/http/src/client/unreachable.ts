// Why a server could not be asked, in one line that says what to do about it.
// Refusals are not faults: a server that answered with a code was reached.

/** Thrown when no usable answer came; `cause` is the fault underneath. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  /** What was answered, when something answered that gave no reason of ours. */
  readonly answer: { readonly status: number; readonly retryAfterSeconds?: number } | null

  constructor(message: string, options: ErrorOptions & { answer?: Unreachable['answer'] } = {}) {
    super(message, options)
    this.answer = options.answer ?? null
  }
}

const untrusted = 'presents a certificate of an unknown authority; name the server CA file, or check the address'

const sentences: Record<string, string> = {
  ECONNREFUSED: 'does not answer; check that the server runs and that the address is right',
  ENOTFOUND: 'is not a known host; check the address',
  EAI_AGAIN: 'cannot be looked up now; check the network',
  EHOSTUNREACH: 'cannot be reached from here; check the network',
  ENETUNREACH: 'cannot be reached from here; check the network',
  ETIMEDOUT: 'does not answer in time; check the network',
  ECONNRESET: 'closed the connection before it answered',
  EPIPE: 'closed the connection before it answered',
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  CERT_HAS_EXPIRED: 'presents an expired certificate',
  CERT_NOT_YET_VALID: 'presents a certificate that is not valid yet; check the clock',
  ERR_TLS_CERT_ALTNAME_INVALID: 'presents a certificate for another name; use a name or address it was issued for',
  ERR_PROXY_TUNNEL: 'cannot be asked',
  EPROTO: 'does not speak TLS as expected; try http://, or check the address',
  HPE_INVALID_CONSTANT: 'does not speak plain HTTP there; try https://',
}

const timedOut = (fault: Error): boolean => fault.name === 'TimeoutError' || fault.name === 'AbortError'

const codeOf = (fault: Error): string => {
  const { code } = fault as NodeJS.ErrnoException
  // Addresses of both families failed: the first fault speaks for all.
  if (fault instanceof AggregateError && fault.errors[0] instanceof Error) return codeOf(fault.errors[0])
  return code ?? ''
}

/** Whether nobody who is trusted vouches for the other end's certificate; nothing was said to it then. */
export const isUntrusted = (fault: Error): boolean => sentences[codeOf(fault)] === untrusted

/** Of these, nothing tells whether the server or the way to it is meant. */
const viaProxy = (proxyHost: string | undefined): string =>
  proxyHost === undefined ? '' : `; it was asked for through the proxy ${proxyHost}, check that one, too`

/** What a proxy refuses, Node tells with the proxy's whole address, and a password may be part of that. */
const withoutPassword = (fault: Error, code: string): Error =>
  code === 'ERR_PROXY_TUNNEL' ? Object.assign(new Error('the proxy did not open the way'), { code }) : fault

/** Turns a fault of the network or of TLS into one line. */
export const unreachable = (origin: string, cause: Error, proxyHost?: string): Unreachable => {
  const code = timedOut(cause) ? 'ETIMEDOUT' : codeOf(cause)
  const sentence = sentences[code] ?? `cannot be asked (${code || cause.message})`
  return new Unreachable(`${origin} ${sentence}${viaProxy(proxyHost)}`, { cause: withoutPassword(cause, code) })
}
