// Every setting of the server in one table: what it is called in the file, how it is read, what it is without a word.
// Flag and environment names follow from the key: `dataDir` is `--data-dir` and `MUSTER_DATA_DIR`.
import { RETENTION_BOUNDS, type RetainedKind } from '@muster/contract'
import { defaultDataDir, type Machine } from './machine.ts'
import {
  type Reading,
  readChoice,
  readCount,
  readDb,
  readHeaderName,
  readList,
  readListen,
  readListOf,
  readNats,
  readNetworks,
  readText,
  readUrl,
} from './reading.ts'

export interface Setting<Value> {
  /** What stands behind the flag in the help. */
  readonly form: string
  readonly help: string
  readonly read: (text: string) => Reading<Value>
  /** The text meant when nobody says anything; undefined when the setting may be absent. */
  readonly fallback?: string | ((machine: Machine) => string) | undefined
  /** Shown in the help instead of a fallback that depends on the machine. */
  readonly fallbackSays?: string | undefined
}

const setting = <Value, const Fallback extends Setting<Value>['fallback'] = undefined>(
  said: Omit<Setting<Value>, 'fallback'> & { readonly fallback?: Fallback },
) => said

/** For tenants that set nothing themselves. */
const days = (kind: RetainedKind, what: string) => {
  const { defaultDays, minDays, maxDays } = RETENTION_BOUNDS[kind]
  return setting({
    form: 'DAYS',
    help: `keep ${what} this long, ${minDays} to ${maxDays}`,
    read: readCount('days', minDays, maxDays),
    fallback: `${defaultDays}`,
  })
}

export const SETTINGS = {
  dataDir: setting({
    form: 'DIR',
    help: 'everything the server owns',
    read: readText,
    fallback: defaultDataDir,
    fallbackSays: 'the OS data folder',
  }),
  gateway: setting({
    form: 'HOST:PORT',
    help: 'where devices call; TLS, asks for a client certificate',
    read: readListen,
    fallback: '0.0.0.0:8443',
  }),
  api: setting({
    form: 'HOST:PORT',
    help: 'operator API, health and metrics',
    read: readListen,
    fallback: '127.0.0.1:8080',
  }),
  roles: setting({
    form: 'LIST',
    help: 'gateway, control or both; without control, --api serves health and metrics only',
    read: readListOf('gateway', 'control'),
    fallback: 'gateway,control',
  }),
  db: setting({
    form: 'sqlite|postgres://…',
    help: 'sqlite is a file in the data folder',
    read: readDb,
    fallback: 'sqlite',
  }),
  nats: setting({
    form: 'off',
    help: 'the broker; it comes with the orchestrate plane',
    read: readNats,
    fallback: 'off',
  }),
  deviceAuth: setting({
    form: 'mtls|token',
    help: 'token is for development: MUSTER_SENSOR_TOKEN in a header instead of certificates',
    read: readChoice('mtls', 'token'),
    fallback: 'mtls',
  }),
  gatewayTls: setting({
    form: 'on|off',
    help: 'off serves plain HTTP; only with --device-auth token or --gateway-proxies',
    read: readChoice('on', 'off'),
    fallback: 'on',
  }),
  gatewayProxies: setting({
    form: 'LIST',
    help: 'addresses and networks of proxies that end TLS and hand device certificates over in a header',
    read: readNetworks,
  }),
  gatewayProxyHeader: setting({
    form: 'NAME',
    help: 'the header in which those proxies do; they must set it or remove it on every request',
    read: readHeaderName,
    fallback: 'client-cert',
  }),
  gatewayCert: setting({
    form: 'FILE',
    help: 'PEM certificate chain of the gateway; else the fleet CA issues one',
    read: readText,
  }),
  gatewayKey: setting({ form: 'FILE', help: 'PEM key of --gateway-cert', read: readText }),
  gatewayNames: setting({
    form: 'LIST',
    help: 'host names and addresses in the certificate that the fleet CA issues',
    read: readList,
    fallback: (machine: Machine) => `localhost,127.0.0.1,::1,${machine.host}`,
    fallbackSays: 'localhost,127.0.0.1,::1,this host',
  }),
  gatewayUrl: setting({
    form: 'URL',
    help: 'what agents are told to call; else made from the first gateway name and port',
    read: readUrl,
  }),
  apiCert: setting({
    form: 'FILE',
    help: 'PEM certificate chain of the API; without it the API speaks plain HTTP',
    read: readText,
  }),
  apiKey: setting({ form: 'FILE', help: 'PEM key of --api-cert', read: readText }),
  'ca.passphraseFile': setting({
    form: 'FILE',
    help: 'seals the key of the fleet CA; or MUSTER_CA_PASSPHRASE',
    read: readText,
  }),
  'ca.signer': setting({
    form: 'FILE',
    help: 'a program that signs with the key of the fleet CA, which then is no file here; with --ca-certificate',
    read: readText,
  }),
  'ca.signerSeconds': setting({
    form: 'SECONDS',
    help: 'how long that program may take, 1 to 60',
    read: readCount('seconds', 1, 60),
    fallback: '10',
  }),
  'ca.certificate': setting({
    form: 'FILE',
    help: 'PEM certificate of the fleet CA whose key --ca-signer uses; a P-256 root',
    read: readText,
  }),
  'metrics.auth': setting({
    form: 'loopback|token|open',
    help: 'who may read /metrics',
    read: readChoice('loopback', 'token', 'open'),
    fallback: 'loopback',
  }),
  'log.level': setting({
    form: 'LEVEL',
    help: 'debug, info, warn, error or silent; JSON lines on stdout',
    read: readChoice('debug', 'info', 'warn', 'error', 'silent'),
    fallback: 'info',
  }),
  'retention.events': days('events', 'raw events'),
  'retention.deadLetters': days('deadLetters', 'rejected raw bytes'),
  'retention.intervals': days('intervals', 'closed presence intervals'),
  'retention.findings': days('findings', 'resolved findings'),
  'retention.audit': days('audit', 'audit entries'),
} as const

export type SettingKey = keyof typeof SETTINGS
export const settingKeys = Object.keys(SETTINGS) as readonly SettingKey[]

type ValueOf<S> = S extends { readonly read: (text: string) => Reading<infer Value> }
  ? S extends { readonly fallback?: infer F }
    ? undefined extends F
      ? Value | undefined
      : Value
    : Value
  : never

export type Settings = { readonly [Key in SettingKey]: ValueOf<(typeof SETTINGS)[Key]> }

/** `dataDir` → `data-dir`, `metrics.auth` → `metrics-auth`. */
export const flagOf = (key: string): string =>
  key.replaceAll('.', '-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** `dataDir` → `MUSTER_DATA_DIR`. */
export const variableOf = (key: string): string => `MUSTER_${flagOf(key).replaceAll('-', '_').toUpperCase()}`

/** Secrets come by environment only, so that neither a process list nor a config file shows them. */
export const SECRET_VARIABLES = {
  MUSTER_SENSOR_TOKEN: 'the shared device secret of --device-auth token',
  MUSTER_AUTH_DISABLE: '1 lets everybody in as owner; only on a loopback --api',
  MUSTER_AUTH_STATIC_TOKEN: 'one operator token, role owner, instead of named ones',
  MUSTER_JWT_SECRET: 'operators carry HS256 tokens signed with this, at least 32 bytes',
  MUSTER_CA_PASSPHRASE: 'seals the key of the fleet CA',
} as const
