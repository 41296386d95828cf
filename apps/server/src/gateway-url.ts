// The address agents are told to call: what the operator named, else the best guess from names and port.
// It is asked for before the listener has a port, so it is put together late.
import { isLoopbackHost } from './settings/reading.ts'
import type { Settings } from './settings/table.ts'

export interface GatewayUrl {
  read(): string
  /** The port that was opened, where 0 was asked for. */
  setPort(port: number): void
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** A name that works from elsewhere, unless the gateway itself is on loopback. */
const nameOf = ({ gateway, gatewayNames }: Settings): string => {
  const isLocal = isLoopbackHost(gateway.host)
  return gatewayNames.find((name) => isLoopbackHost(name) === isLocal) ?? gatewayNames[0] ?? 'localhost'
}

export const createGatewayUrl = (settings: Settings): GatewayUrl => {
  let port = settings.gateway.port
  const scheme = settings.gatewayTls === 'off' ? 'http' : 'https'
  return {
    read: () => settings.gatewayUrl ?? `${scheme}://${bracketed(nameOf(settings))}:${port}`,
    setPort(opened) {
      port = opened
    },
  }
}
