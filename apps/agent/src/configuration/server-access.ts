// The way to the server: through which proxy, and who may vouch for what answers there (telemetry 16.4, sensor-agent 12.3).
// What is said over the connection is the lanes'.
import { readFileSync } from 'node:fs'
import type { ClientSettings } from '@muster/http/client'
import type { Secret } from '@muster/kernel'
import { PlainFault, reasonOf } from '../plain-fault.ts'
import type { Machine } from './machine.ts'

export interface Proxy {
  /** May carry a password. */
  readonly url: Secret
  /** Hosts that are asked without it, as the environment lists them; empty for none. */
  readonly noProxy: string
}

export interface ServerAccess {
  readonly caFile: string | null
  /** Nobody beside the file's authorities may vouch for the server. */
  readonly isCaOnly: boolean
  readonly proxy: Proxy | null
  /** What a server in its development mode knows its sensors by; may be empty, and is sent then, too (sensor-protocol 1). */
  readonly sensorToken: Secret | null
}

const said = (env: Machine['env'], name: string): string => env[name.toLowerCase()] || env[name] || ''

/** The proxy that the environment names for HTTPS, with its exceptions; an empty address when it names none. */
export const proxyOf = (env: Machine['env']): { readonly url: string; readonly noProxy: string } => ({
  url: said(env, 'HTTPS_PROXY'),
  noProxy: said(env, 'NO_PROXY'),
})

type ClientAccess = Pick<ClientSettings, 'ca' | 'otherAuthorities' | 'proxy'>

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new PlainFault(`serverCA ${path}: cannot be read: ${reasonOf(cause)}`, 2, { cause })
  }
}

/** A file without any would be taken for an authority that signed nothing, and the server be blamed for that. */
const readCa = (path: string): string => {
  const text = readText(path)
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new PlainFault(
    `serverCA ${path}: there is no certificate in it; it takes PEM, as the server's /ca.pem gives it`,
    2,
  )
}

/** Those of this computer, among them what its owner added, each once; Node's own where it keeps none. */
export const systemAuthorities = (): readonly string[] => {
  // Loaded when it is needed, which for most agents is never.
  const { getCACertificates, rootCertificates } = process.getBuiltinModule('node:tls')
  const own = new Set(getCACertificates('system'))
  return own.size > 0 ? [...own] : rootCertificates
}

/**
 * Node parses all that it brings along as soon as TLS is loaded, or else at the first connection, whoever may vouch
 * there: a tenth of a second, and 1.5 MB that stay. The flag of the service stops the former, this the latter; whoever
 * names no authority is left with those that Node would have taken.
 */
const settleDefaults = (caFile: string | null): void => {
  const { getCACertificates, rootCertificates, setDefaultCACertificates } = process.getBuiltinModule('node:tls')
  setDefaultCACertificates(caFile === null ? [...rootCertificates, ...getCACertificates('extra')] : [])
}

/** For whoever connects. The CA file is read when this is called, so that a renewed file counts from the next time on. */
export const clientAccess = ({ caFile, isCaOnly, proxy }: ServerAccess): ClientAccess => {
  settleDefaults(caFile)
  return {
    ...(caFile !== null && { ca: readCa(caFile) }),
    ...(!isCaOnly && { otherAuthorities: systemAuthorities }),
    ...(proxy !== null && { proxy }),
  }
}
