// How one setting's text becomes a value, with a sentence for every way it can fail.
// Which settings there are is table.ts; where their texts come from is settings.ts.
import { isIP } from 'node:net'
import { Secret } from '@muster/kernel'

export type Reading<Value> = { readonly value: Value } | { readonly fault: string }

export interface Listen {
  readonly host: string
  readonly port: number
}

export type DbChoice =
  | { readonly engine: 'sqlite' }
  | {
      readonly engine: 'postgres'
      readonly url: Secret
      /** The same address without user and password. */
      readonly shown: string
    }

const fault = (sentence: string) => ({ fault: sentence })

export const readText = (text: string): Reading<string> =>
  text.trim() === '' ? fault('is empty') : { value: text.trim() }

export const readChoice =
  <const Choice extends string>(...choices: readonly Choice[]) =>
  (text: string): Reading<Choice> => {
    const found = choices.find((choice) => choice === text.trim())
    return found === undefined ? fault(`"${text}" is not one of ${choices.join(', ')}`) : { value: found }
  }

export const readList = (text: string): Reading<readonly string[]> => {
  const items = text.split(',').map((item) => item.trim())
  return items.includes('') ? fault('has an empty entry; separate entries by one comma') : { value: items }
}

export const readListOf =
  <const Choice extends string>(...choices: readonly Choice[]) =>
  (text: string): Reading<readonly Choice[]> => {
    const list = readList(text)
    if ('fault' in list) return list
    const odd = list.value.find((item) => !choices.some((choice) => choice === item))
    if (odd !== undefined) return fault(`"${odd}" is not one of ${choices.join(', ')}`)
    return { value: [...new Set(list.value as readonly Choice[])] }
  }

/** `host:port`, `[address]:port` for IPv6, or `:port` for every address of the machine. */
export const readListen = (text: string): Reading<Listen> => {
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text.trim())
  const port = Number(parts?.[3])
  if (parts === null || port > 65_535) return fault(`"${text}" is not HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080`)
  if (parts[1] !== undefined && isIP(parts[1]) !== 6) return fault(`"${parts[1]}" is not an IPv6 address`)
  return { value: { host: parts[1] ?? (parts[2] || '0.0.0.0'), port } }
}

export const readCount =
  (unit: 'days' | 'seconds', min: number, max: number) =>
  (text: string): Reading<number> => {
    const count = /^\d{1,6}$/.test(text.trim()) ? Number(text) : Number.NaN
    return count >= min && count <= max
      ? { value: count }
      : fault(`"${text}" is not a number of ${unit} from ${min} to ${max}`)
  }

export const readUrl = (text: string): Reading<string> => {
  const url = URL.parse(text.trim())
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return fault(`"${text}" is not an address such as https://fleet.example.org:8443`)
  }
  return { value: url.href.replace(/\/$/, '') }
}

const shownUrl = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`

/** A wrong URL is not repeated in the sentence, because it may hold a password. */
export const readDb = (text: string): Reading<DbChoice> => {
  if (text.trim() === 'sqlite') return { value: { engine: 'sqlite' } }
  const url = URL.parse(text.trim())
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol) || url.hostname === '' || url.pathname.length < 2) {
    return fault('is neither "sqlite" nor an address such as postgres://user@host:5432/muster')
  }
  return { value: { engine: 'postgres', url: new Secret(text.trim()), shown: shownUrl(url) } }
}

const isNetwork = (text: string): boolean => {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const most = isIP(address) === 6 ? 128 : 32
  return isIP(address) !== 0 && Number(bits ?? 0) <= most
}

/** Addresses, and networks as `10.0.0.0/8`. */
export const readNetworks = (text: string): Reading<readonly string[]> => {
  const list = readList(text)
  if ('fault' in list) return list
  const odd = list.value.find((item) => !isNetwork(item))
  return odd === undefined ? list : fault(`"${odd}" is not an address or a network such as 10.0.0.0/8`)
}

/** Headers that mean something else already would be read twice. */
const takenHeaders = /^(?:authorization|connection|content-.*|cookie|expect|host|transfer-encoding|x-koban-.*)$/

/** In lower case, as requests carry it here. */
export const readHeaderName = (text: string): Reading<string> => {
  const name = text.trim().toLowerCase()
  return /^[a-z0-9-]{1,64}$/.test(name) && !takenHeaders.test(name)
    ? { value: name }
    : fault(`"${text}" cannot be the header of a certificate; say one such as client-cert`)
}

export const readNats = (text: string): Reading<'off'> =>
  text.trim() === 'off'
    ? { value: 'off' }
    : fault(`"${text}" is not served: the broker comes with the orchestrate plane; leave it "off"`)

/** Whether a listener on this host can be reached from this machine only. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
