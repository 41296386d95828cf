// Where each setting's text comes from, and which settings forbid each other. Pure: facts in, settings or faults out.
// Reading the command line, the environment and files is settings.ts.

import type { Machine } from './machine.ts'
import { nearest } from './nearest.ts'
import { isLoopbackHost } from './reading.ts'
import { flagOf, SETTINGS, type SettingKey, type Settings, settingKeys, variableOf } from './table.ts'

/** A text somebody gave for a setting, and how to point at it. */
export interface Given {
  readonly where: string
  readonly text: string
}

export interface SettingFault {
  readonly where: string
  readonly message: string
}

export interface Sources {
  readonly flags: ReadonlyMap<string, string>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly file: ReadonlyMap<string, Given>
  readonly machine: Machine
}

export interface Secrets {
  readonly sensorToken: string | undefined
  readonly authDisabled: boolean
  readonly staticToken: string | undefined
  readonly jwtSecret: string | undefined
}

/** Flag over environment over file over default; an empty variable counts as not set. */
const pick = (key: SettingKey, { flags, env, file, machine }: Sources): Given | undefined => {
  const flag = flags.get(flagOf(key))
  if (flag !== undefined) return { where: `--${flagOf(key)}`, text: flag }
  const variable = env[variableOf(key)]
  if (variable !== undefined && variable !== '') return { where: variableOf(key), text: variable }
  const fallback = SETTINGS[key].fallback
  return file.get(key) ?? defaultOf(fallback, machine)
}

const defaultOf = (
  fallback: string | ((machine: Machine) => string) | undefined,
  machine: Machine,
): Given | undefined =>
  fallback === undefined
    ? undefined
    : { where: 'default', text: typeof fallback === 'string' ? fallback : fallback(machine) }

export interface Decided {
  /** Complete only when there are no faults. */
  readonly settings: Settings
  readonly faults: readonly SettingFault[]
}

export const decideSettings = (sources: Sources): Decided => {
  const values: Record<string, unknown> = {}
  const faults: SettingFault[] = unknownKeys(sources.file)
  for (const key of settingKeys) {
    const given = pick(key, sources)
    if (given === undefined) continue
    const reading = SETTINGS[key].read(given.text)
    if ('value' in reading) values[key] = reading.value
    else faults.push({ where: given.where, message: reading.fault })
  }
  return { settings: values as unknown as Settings, faults }
}

const unknownKeys = (file: ReadonlyMap<string, Given>): SettingFault[] =>
  [...file]
    .filter(([key]) => !Object.hasOwn(SETTINGS, key))
    .map(([key, { where }]) => {
      const close = nearest(key, settingKeys)
      return { where, message: `unknown key "${key}"${close === null ? '' : `; did you mean "${close}"?`}` }
    })

interface Rule {
  readonly where: string
  readonly broken: (settings: Settings, secrets: Secrets) => boolean
  readonly message: string
}

const pairRule = (cert: 'gatewayCert' | 'apiCert', key: 'gatewayKey' | 'apiKey'): Rule => ({
  where: `--${flagOf(cert)}`,
  broken: (settings) => (settings[cert] === undefined) !== (settings[key] === undefined),
  message: `--${flagOf(cert)} and --${flagOf(key)} go together; name both or neither`,
})

const minSecretBytes = 32

const rules: readonly Rule[] = [
  {
    where: '--device-auth token',
    broken: (settings, { sensorToken }) => settings.deviceAuth === 'token' && sensorToken === undefined,
    message: 'needs the shared secret in MUSTER_SENSOR_TOKEN',
  },
  {
    where: '--gateway-tls off',
    broken: ({ gatewayTls, deviceAuth, gatewayProxies }) =>
      gatewayTls === 'off' && deviceAuth !== 'token' && gatewayProxies === undefined,
    message: 'works only with --device-auth token or --gateway-proxies, because certificates need TLS',
  },
  {
    where: '--gateway-proxies',
    broken: ({ gatewayProxies, deviceAuth }) => gatewayProxies !== undefined && deviceAuth === 'token',
    message: 'hand over certificates, which --device-auth token does not look at; name one or the other',
  },
  pairRule('gatewayCert', 'gatewayKey'),
  pairRule('apiCert', 'apiKey'),
  {
    where: '--ca-signer',
    broken: (settings) => (settings['ca.signer'] === undefined) !== (settings['ca.certificate'] === undefined),
    message: '--ca-signer and --ca-certificate go together; name both or neither',
  },
  {
    where: 'MUSTER_AUTH_DISABLE',
    broken: (settings, { authDisabled }) => authDisabled && !isLoopbackHost(settings.api.host),
    message: 'works only while --api is on a loopback address such as 127.0.0.1:8080',
  },
  {
    where: 'MUSTER_JWT_SECRET',
    broken: (_, { jwtSecret }) =>
      jwtSecret !== undefined && new TextEncoder().encode(jwtSecret).length < minSecretBytes,
    message: `must have at least ${minSecretBytes} bytes`,
  },
  {
    where: 'MUSTER_AUTH_STATIC_TOKEN',
    broken: (_, { staticToken }) => staticToken !== undefined && !/^[\x21-\x7e]{16,}$/.test(staticToken),
    message: 'must have at least 16 printable characters and no space',
  },
]

/** What single settings cannot see: which of them may not stand together. */
export const decideTogether = (settings: Settings, secrets: Secrets): readonly SettingFault[] =>
  rules.filter((rule) => rule.broken(settings, secrets)).map(({ where, message }) => ({ where, message }))
