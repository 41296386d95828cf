// From a connection's certificate, or the development token, to the device that is speaking; asked on every request.
// The verdict is decide.ts, the facts are directory.ts.
import { type Clock, equalInConstantTime, ok, type Result, refuse, type Secret } from '@muster/kernel'
import type { KnownDevice } from '../speakers.ts'
import { type CertificateRefusal, decideCertificate, type Peer } from './decide.ts'
import type { Directory } from './directory.ts'

export type DeviceAuth = { readonly kind: 'mtls' } | { readonly kind: 'token'; readonly sensorToken: Secret }

export type DeviceRefusal = CertificateRefusal | 'credential_missing' | 'credential_invalid'

/** The sensor token names no device: the ids in the body do, and `directory.byId` knows them. */
export type DeviceSpeaker = KnownDevice | 'anyone-with-the-sensor-token'

type Headers = Readonly<Record<string, string | string[] | undefined>>
type Identified = Result<DeviceSpeaker, DeviceRefusal>

/** With mTLS the token header is not even read; with a token, certificates are not (sensor-protocol 3.5). */
export type IdentifyDevice = (peer: Peer | null, headers: Headers) => Identified | Promise<Identified>

const sensorTokenHeader = 'x-koban-sensor-token'

const byToken =
  (sensorToken: Secret): IdentifyDevice =>
  (_peer, headers) => {
    const said = headers[sensorTokenHeader]
    if (typeof said !== 'string' || said === '') return refuse('credential_missing')
    return equalInConstantTime(said, sensorToken.reveal())
      ? ok('anyone-with-the-sensor-token')
      : refuse('credential_invalid')
  }

const byCertificate = (directory: Directory, clock: Clock): IdentifyDevice => {
  const decide = (peer: Peer | null): Identified =>
    decideCertificate(peer, peer === null ? undefined : directory.byFingerprint(peer.fingerprint256Hex), clock.nowMs())

  // Another gateway may have issued it a moment ago: our own signature is worth one look before refusing.
  const lookAgain = async (peer: Peer): Promise<Identified> => {
    await directory.refresh()
    return decide(peer)
  }
  return (peer) => {
    const isNews = peer?.authorized === true && directory.byFingerprint(peer.fingerprint256Hex) === undefined
    return isNews ? lookAgain(peer) : decide(peer)
  }
}

export const createIdentifyDevice = (auth: DeviceAuth, directory: Directory, clock: Clock): IdentifyDevice =>
  auth.kind === 'token' ? byToken(auth.sensorToken) : byCertificate(directory, clock)
