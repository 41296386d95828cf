// A proxy that ends TLS hands the device's certificate over in a header (sensor-protocol 3.4). Only proxies that were named
// may; what they hand over is checked here as a handshake checks it, since a proxy's word is no signature.
// Whether the certificate opens anything is asked of identity, as it is for connections without a proxy.
import { X509Certificate } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { RefusalCode } from '@muster/contract'
import { type Clock, ok, type Result, refuse, systemClock } from '@muster/kernel'
import type { Peer } from '../../peer.ts'
import { type HandedCertificate, judgeCertificate, peerAt, readCertificate } from './decide.ts'

export interface HandOverSettings {
  /** Addresses and networks such as `10.0.0.0/8` from which a header counts. */
  readonly proxies: readonly string[]
  /** In lower case. The proxy must set it on every request, or take it away. */
  readonly header: string
  readonly clock?: Clock
}

export interface Speaking {
  readonly ip: string
  /** What this connection's own handshake said. */
  readonly peer: Peer | null
}

export interface HandOver {
  /** The device authorities, PEM; what was judged by others is judged anew. */
  setAuthorities(pems: readonly string[]): void
  /** The certificate behind a request: the one handed over, or without one that of the connection itself. */
  peerOf(speaking: Speaking, headers: IncomingHttpHeaders): Result<Peer | null, RefusalCode>
  /** Where the device is, as far as the nearest proxy could see. */
  ipOf(speaking: Speaking, headers: IncomingHttpHeaders): string
}

/** Judged once, not with every request: a signature check costs more than a check-in. */
const judgedAtMost = 10_000

/** What proxies send when there was no certificate. */
const isNone = (text: string): boolean => text === '' || text === '(null)'

const createBlockList = (proxies: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

const createJudged = () => {
  const judged = new Map<string, HandedCertificate>()
  let authorities: readonly X509Certificate[] = []
  return {
    setAuthorities(pems: readonly string[]): void {
      authorities = pems.map((pem) => new X509Certificate(pem))
      judged.clear()
    },
    judge(text: string): HandedCertificate | undefined {
      const known = judged.get(text)
      if (known !== undefined) return known
      const certificate = readCertificate(text)
      if (certificate === undefined) return undefined
      const [oldest] = judged.keys()
      if (judged.size >= judgedAtMost && oldest !== undefined) judged.delete(oldest)
      const handed = judgeCertificate(certificate, authorities)
      judged.set(text, handed)
      return handed
    },
  }
}

export const createHandOver = ({ proxies, header, clock = systemClock }: HandOverSettings): HandOver => {
  const list = createBlockList(proxies)
  const judged = createJudged()
  const isProxy = (ip: string): boolean => isIP(ip) !== 0 && list.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4')
  return {
    setAuthorities: judged.setAuthorities,
    peerOf(speaking, headers) {
      const text = headers[header]
      if (text === undefined) return ok(speaking.peer)
      if (!isProxy(speaking.ip))
        return refuse('certificate_untrusted', 'Only a proxy of this server may hand over a certificate.')
      if (typeof text === 'string' && isNone(text)) return ok(null)
      const handed = typeof text === 'string' ? judged.judge(text) : undefined
      return handed === undefined
        ? refuse('certificate_untrusted', 'What the proxy handed over is not one certificate.')
        : ok(peerAt(handed, clock.nowMs()))
    },
    ipOf(speaking, headers) {
      const forwarded = headers['x-forwarded-for']
      if (typeof forwarded !== 'string' || !isProxy(speaking.ip)) return speaking.ip
      const nearest = forwarded.split(',').at(-1)?.trim() ?? ''
      return isIP(nearest) === 0 ? speaking.ip : nearest
    },
  }
}
