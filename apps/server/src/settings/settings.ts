// How the server learns its settings: command line, environment, config file, defaults, in that order of weight.
// The rules are decide.ts, the list is table.ts; this file reads what lies outside.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { renderTemplate, resolveVariables, Secret } from '@muster/kernel'
import type { Arguments } from './arguments.ts'
import { decideSettings, decideTogether, type Given, type SettingFault } from './decide.ts'
import { readDocument } from './document.ts'
import { configCandidates, type Machine } from './machine.ts'
import type { Settings } from './table.ts'

export interface ServerSettings {
  readonly settings: Settings
  /** The config file in force, or null when none was found. */
  readonly configFile: string | null
  readonly sensorToken: Secret | undefined
  /** The environment, for what identity reads there: how operators prove who they are. */
  readonly env: Machine['env']
  readonly caPassphrase: Secret | undefined
}

export type SettingsOutcome =
  | { readonly ok: true; readonly settings: ServerSettings }
  | { readonly ok: false; readonly faults: readonly SettingFault[] }

interface FileWords {
  readonly entries: Map<string, Given>
  readonly variables: Record<string, string>
  readonly faults: SettingFault[]
}

const causeOf = (fault: unknown): string => {
  const code = (fault as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'this account may not read it'
  if (code === 'EISDIR') return 'it is a folder'
  return fault instanceof Error ? fault.message : String(fault)
}

/** `include` files are read in order and weigh more than what names them (orchestration 13.3). */
const readFile = (path: string, words: FileWords, seen: readonly string[] = []): void => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (fault) {
    words.faults.push({ where: path, message: `cannot be read: ${causeOf(fault)}` })
    return
  }
  const { entries, faults } = readDocument(path, text)
  for (const { line, column, message } of faults) words.faults.push({ where: `${path}:${line}:${column}`, message })
  const includes: string[] = []
  for (const { key, text: value, line, column } of entries) {
    if (key === 'include') includes.push(...value.split(',').filter((name) => name !== ''))
    else if (key.startsWith('vars.')) words.variables[key.slice('vars.'.length)] = value
    else words.entries.set(key, { where: `${path}:${line}:${column}`, text: value })
  }
  for (const name of includes) {
    const next = resolve(dirname(path), name)
    if (next === path || seen.includes(next))
      words.faults.push({ where: path, message: `includes ${next} in a circle` })
    else readFile(next, words, [...seen, path])
  }
}

const fillIn = (words: FileWords, machine: Machine): void => {
  const vars = resolveVariables(words.variables, machine)
  if ('fault' in vars) {
    words.faults.push({ where: 'config file', message: vars.fault })
    return
  }
  for (const [key, { where, text }] of words.entries) {
    const rendered = renderTemplate(text, { machine, vars: vars.value })
    if ('value' in rendered) words.entries.set(key, { where, text: rendered.value })
    else words.faults.push({ where, message: rendered.fault })
  }
}

/** Flag, then MUSTER_SERVER_CONFIG, then the OS config folders; null when there is none to be found. */
export const findConfigFile = (flag: string | undefined, machine: Machine): string | null => {
  const named = flag ?? machine.env['MUSTER_SERVER_CONFIG']
  if (named !== undefined && named !== '') return resolve(named)
  return configCandidates(machine).find((path) => existsSync(path)) ?? null
}

const passphraseOf = (settings: Settings, env: Machine['env'], faults: SettingFault[]): Secret | undefined => {
  const path = settings['ca.passphraseFile']
  if (path === undefined) return secretOf(env['MUSTER_CA_PASSPHRASE'])
  try {
    return secretOf(readFileSync(path, 'utf8').trimEnd())
  } catch (fault) {
    faults.push({ where: '--ca-passphrase-file', message: `${path} cannot be read: ${causeOf(fault)}` })
    return undefined
  }
}

const secretOf = (text: string | undefined): Secret | undefined =>
  text === undefined || text === '' ? undefined : new Secret(text)

/** Everything the server was told, or every fault in it at once. */
export const readSettings = (given: Arguments, machine: Machine): SettingsOutcome => {
  const configFile = findConfigFile(given.flags.get('config'), machine)
  const words: FileWords = { entries: new Map(), variables: {}, faults: [] }
  if (configFile !== null) readFile(configFile, words)
  fillIn(words, machine)
  const { env } = machine
  const decided = decideSettings({ flags: given.flags, env, file: words.entries, machine })
  const faults = [...words.faults, ...decided.faults]
  if (faults.length > 0) return { ok: false, faults }
  const secrets = {
    sensorToken: env['MUSTER_SENSOR_TOKEN'] || undefined,
    authDisabled: env['MUSTER_AUTH_DISABLE'] === '1',
    staticToken: env['MUSTER_AUTH_STATIC_TOKEN'] || undefined,
    jwtSecret: env['MUSTER_JWT_SECRET'] || undefined,
  }
  faults.push(...decideTogether(decided.settings, secrets))
  const caPassphrase = passphraseOf(decided.settings, env, faults)
  if (faults.length > 0) return { ok: false, faults }
  const settings: ServerSettings = {
    settings: { ...decided.settings, dataDir: resolve(decided.settings.dataDir) },
    configFile,
    sensorToken: secretOf(secrets.sensorToken),
    env,
    caPassphrase,
  }
  return { ok: true, settings }
}
