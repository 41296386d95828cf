// An authority whose key this server never sees: an operator names its certificate, and something else signs for it.
// How that is asked is the caller's (ARCHITECTURE 2); which authority is current is authority.ts.
import { randomBytes, verify, X509Certificate } from 'node:crypto'
import { certificateExpiresMs, type Sign } from './certificate.ts'
import { AuthorityUnavailable } from './unavailable.ts'

/** An authority as an operator names it; nothing of it is believed yet. */
export interface ExternalAuthoritySource {
  readonly certificatePem: string
  readonly sign: Sign
}

export interface ExternalAuthority extends ExternalAuthoritySource {
  readonly expiresMs: number
}

const readCertificate = (pem: string): X509Certificate => {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new Error("the authority's certificate cannot be read", { cause })
  }
}

/** Leaves sit directly under it and are signed with ECDSA over SHA-256, so it has to be a root with a P-256 key. */
const faultOf = (certificate: X509Certificate, nowMs: number): string | undefined => {
  const { publicKey } = certificate
  if (!certificate.ca) return 'is not that of an authority'
  if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return 'has no EC P-256 key'
  if (!certificate.checkIssued(certificate) || !certificate.verify(publicKey)) return 'is not signed by itself'
  return certificateExpiresMs(certificate) <= nowMs ? 'has expired' : undefined
}

/** Whatever signs with another key would let devices in that no gateway believes. */
const checking =
  (ask: Sign, certificate: X509Certificate): Sign =>
  async (bytes) => {
    const signature = await ask(bytes).catch((cause: unknown) => {
      throw new AuthorityUnavailable('the authority does not sign', { cause })
    })
    if (verify('sha256', bytes, certificate.publicKey, signature)) return signature
    throw new AuthorityUnavailable('what signs for the authority answered no signature of its key')
  }

/** Has signed once when it resolves. Throws a sentence for the person starting the server when it cannot be used. */
export const openExternalAuthority = async (
  { certificatePem, sign: ask }: ExternalAuthoritySource,
  nowMs: number,
): Promise<ExternalAuthority> => {
  const certificate = readCertificate(certificatePem)
  const fault = faultOf(certificate, nowMs)
  if (fault !== undefined) throw new Error(`the authority's certificate ${fault}`)
  const sign = checking(ask, certificate)
  await sign(randomBytes(32))
  return { certificatePem: certificate.toString(), expiresMs: certificateExpiresMs(certificate), sign }
}
