// How the macOS agent reads a configuration bundle (sensor-protocol 14): words are closed, types are checked, numbers are
// not, and one mistake refuses the whole. What an operator may write is not decided here.
import { NotAnInteger, readJson } from './sensor-json.ts'

export interface AppliedBundle {
  readonly maxBatchEvents: number
  readonly maxBatchBytes: number
  /** `(id, surface)` of every rule, in order. */
  readonly rules: readonly (readonly [id: string, surface: string])[]
}

type Members = Readonly<Record<string, unknown>>

const surfaces = [
  'homebrew',
  'claudeConfig',
  'codexConfig',
  'piConfig',
  'cursorConfig',
  'opencodeConfig',
  'javascriptPackages',
  'pythonPackages',
]
const triggers = ['added', 'modified', 'removed', 'present']
const severities = ['info', 'notable', 'suspicious', 'critical']
const fields = [
  'kind',
  'name',
  'path',
  'version',
  'origin',
  'detail',
  'packageManager',
  'registry',
  'sourceURL',
  'command',
  'dependencyScope',
  'fileHash',
]
const flags = [
  'installedOnRequest',
  'isDirectDependency',
  'isExecutableConfig',
  'isPromptShapingConfig',
  'usesDynamicAuthHelper',
  'usesEphemeralRunner',
  'usesRemote',
  'hasInstallScript',
  'isEditable',
]

/** The parameters that each kind of match cannot do without. */
const listOfMatch: Readonly<Record<string, string>> = {
  fieldContainsAny: 'values',
  fieldNotInList: 'allowed',
  fieldHasURLScheme: 'schemes',
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NotAnInteger)
const isOneOf = (words: readonly string[], value: unknown): boolean => words.includes(value as string)
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every((text) => typeof text === 'string')
/** Null is the same as absent. */
const isGiven = (value: unknown): boolean => value !== undefined && value !== null
const fits = (value: unknown, check: (value: unknown) => boolean): boolean => !isGiven(value) || check(value)
const isInteger = (value: unknown): boolean => Number.isSafeInteger(value)
const isFlag = (value: unknown): boolean => typeof value === 'boolean'

const decodesMatch = (rule: Members): boolean => {
  const { match } = rule
  if (match === 'always') return true
  if (match === 'flagEquals') return isOneOf(flags, rule['flag']) && isFlag(rule['expected'])
  const list = listOfMatch[String(match)]
  return list !== undefined && isOneOf(fields, rule['field']) && areTexts(rule[list])
}

const decodesRule = (rule: unknown): rule is Members =>
  isObject(rule) &&
  ['id', 'title', 'rationale'].every((key) => typeof rule[key] === 'string') &&
  isOneOf(surfaces, rule['surface']) &&
  isOneOf(severities, rule['severity']) &&
  fits(rule['enabled'], isFlag) &&
  fits(rule['triggers'], (said) => Array.isArray(said) && said.every((word) => isOneOf(triggers, word))) &&
  decodesMatch(rule)

const decodesWatch = (watch: unknown): boolean => {
  if (!isObject(watch)) return false
  const scan = watch['homeSignalScan']
  return (
    ['debounceMilliseconds', 'pollIntervalSeconds', 'maxScanWallClockSeconds', 'maxFreshScanAgeSeconds', 'maxDepth']
      .map((key) => watch[key])
      .every((value) => fits(value, isInteger)) &&
    ['projectRoots', 'excludeDirectories'].every((key) => fits(watch[key], areTexts)) &&
    fits(scan, (said) => isObject(said) && fits(said['enabled'], isFlag) && fits(said['maxDepth'], isInteger))
  )
}

const decodesSync = (sync: unknown): boolean =>
  isObject(sync) && ['maxBatchBytes', 'maxBatchEvents'].every((key) => fits(sync[key], isInteger))

/** Undefined when the agent would refuse it; what is missing takes the built-in default, not the local value. */
export const decodeBundle = (text: string): AppliedBundle | undefined => {
  let bundle: unknown
  try {
    bundle = readJson(text)
  } catch {
    return undefined
  }
  if (!isObject(bundle)) return undefined
  const { watch, sync, rules } = bundle
  if (!fits(watch, decodesWatch) || !fits(sync, decodesSync)) return undefined
  if (!fits(rules, (said) => Array.isArray(said) && said.every(decodesRule))) return undefined
  const { maxBatchEvents = 500, maxBatchBytes = 524_288 } = (sync ?? {}) as Record<string, number>
  return {
    maxBatchEvents,
    maxBatchBytes,
    rules: ((rules ?? []) as Members[]).map((rule) => [String(rule['id']), String(rule['surface'])] as const),
  }
}
