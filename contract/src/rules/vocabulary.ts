// Every word an agent rule may use: the closed vocabulary of sensor-protocol 15, as tables.
// What a rule is made of is rule.ts; which agents understand more words, the policy feature knows.
import { SEVERITIES } from '../severity.ts'
import { MUSTER_SURFACES } from '../surfaces.ts'

export const AGENT_SURFACES = ['claudeConfig', 'codexConfig', 'piConfig', 'cursorConfig', 'opencodeConfig'] as const
export const PACKAGE_SURFACES = ['javascriptPackages', 'pythonPackages'] as const

/** What a rule may look at (15.3). */
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

/** Flags that are words of the language but that no sensor ever knows, so a rule on them never matches (15.4). */
export const NEVER_KNOWN_FLAGS = ['hasInstallScript', 'isEditable'] as const

const flags = [
  'installedOnRequest',
  'isDirectDependency',
  'isExecutableConfig',
  'isPromptShapingConfig',
  'usesDynamicAuthHelper',
  'usesEphemeralRunner',
  'usesRemote',
  ...NEVER_KNOWN_FLAGS,
]

/** Keys of a rule that belong to its match kind; all others belong to every rule. */
export const PARAMETERS = ['field', 'values', 'allowed', 'schemes', 'flag', 'expected'] as const
export type Parameter = (typeof PARAMETERS)[number]

/** The words one kind of agent understands; a bundle with any other word is refused by it as a whole (14.4). */
export interface Vocabulary {
  readonly surfaces: readonly string[]
  readonly fields: readonly string[]
  readonly flags: readonly string[]
  readonly triggers: readonly string[]
  readonly severities: readonly string[]
  /** Match kinds, each with the parameters it needs: all of them, and no others (15.2). */
  readonly matches: Readonly<Record<string, readonly Parameter[]>>
}

/** What the published Koban agent understands. */
export const BASE_VOCABULARY: Vocabulary = {
  surfaces: [...AGENT_SURFACES, ...PACKAGE_SURFACES, 'homebrew'],
  fields,
  flags,
  triggers: ['added', 'modified', 'removed', 'present'],
  severities: SEVERITIES,
  matches: {
    always: [],
    fieldContainsAny: ['field', 'values'],
    fieldNotInList: ['field', 'allowed'],
    fieldHasURLScheme: ['field', 'schemes'],
    flagEquals: ['flag', 'expected'],
  },
}

/** What Muster's own agent understands: the same language, spoken about more surfaces (sensor-protocol 14.4, 18.4). */
export const MUSTER_VOCABULARY: Vocabulary = {
  ...BASE_VOCABULARY,
  surfaces: [...BASE_VOCABULARY.surfaces, ...MUSTER_SURFACES],
}
