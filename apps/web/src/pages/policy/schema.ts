// The shape of a policy document, for whoever writes one: which keys stand where, what they say, which words they take.
// What is wrong with a document is said by the server alone; a test of tests/browser holds this against its checks.
import { vocabulary } from '../../wire/routes.built.ts'

export type Shape =
  | { readonly kind: 'map'; readonly keys: Readonly<Record<string, Keyed>> }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'free' }

export interface Keyed {
  readonly says: string
  readonly shape: Shape
}

const words = (list: readonly string[]): Shape => ({ kind: 'words', words: list })
const free: Shape = { kind: 'free' }
const yesNo = words(['true', 'false'])
const list = (item: Shape): Shape => ({ kind: 'list', item })
const key = (says: string, shape: Shape = free): Keyed => ({ says, shape })
const map = (keys: Readonly<Record<string, Keyed>>): Shape => ({ kind: 'map', keys })

const rule = map({
  id: key('its name: a-z, 0-9, dot, dash and underscore'),
  surface: key('what it looks at', words(vocabulary.surfaces)),
  enabled: key('whether it counts; true unless said', yesNo),
  triggers: key('at which change; added and modified unless said', list(words(vocabulary.triggers))),
  match: key('how it looks', words(Object.keys(vocabulary.matches))),
  field: key('which field it compares', words(vocabulary.fields)),
  values: key('texts of which the field contains one', list(free)),
  allowed: key('texts one of which the field has to be', list(free)),
  schemes: key('URL schemes, such as http', list(free)),
  flag: key('which flag it compares', words(vocabulary.flags)),
  expected: key('what the flag has to be', yesNo),
  severity: key('how bad a finding is', words(vocabulary.severities)),
  title: key('what a finding is called'),
  rationale: key('why it matters, for whoever reads the finding'),
})

const scanBudget = map({
  maxDirectoriesVisited: key('up to 200000'),
  maxFilesVisited: key('up to 1000000'),
  maxWallClockSeconds: key('1 to 600'),
})

const homeSignalScan = map({
  enabled: key('whether the home directory is looked through; false unless said', yesNo),
  root: key('where it begins, such as ~'),
  maxDepth: key('0 to 16 folders below'),
  followSymlinks: key('only false', words(['false'])),
  eventPathFiltering: key('only true', words(['true'])),
  initialScanBudget: key('where the first look stops', scanBudget),
  signalFileNames: key('bare names of files', list(free)),
  signalFileGlobs: key('bare names in which * is the only wildcard', list(free)),
  pruneDirectoryNames: key('bare names of folders that are left out', list(free)),
})

const watch = map({
  debounceMilliseconds: key('100 to 60000; how long it waits for more changes'),
  pollIntervalSeconds: key('30 to 86400; how often it looks'),
  maxScanWallClockSeconds: key('5 to 600; how long one look may take'),
  maxFreshScanAgeSeconds: key('at least twice pollIntervalSeconds'),
  maxDepth: key('0 to 16 folders below each root'),
  projectRoots: key('folders inside the home directory, such as ~/src', list(free)),
  excludeDirectories: key('bare names of folders that are left out', list(free)),
  homeSignalScan: key('a look through the home directory', homeSignalScan),
})

const agent = map({
  includeBuiltinRules: key('whether the built-in rules come first', yesNo),
  watch: key('where and how often agents look', watch),
  sync: key(
    'how much is sent at once',
    map({ maxBatchBytes: key('65536 to 8388608'), maxBatchEvents: key('1 to 5000') }),
  ),
  rules: key('what is found worth a finding', list(rule)),
})

export const policySchema: Shape = map({
  apiVersion: key('always fleet/v1', words(['fleet/v1'])),
  kind: key('always Policy', words(['Policy'])),
  metadata: key('what it is called', map({ name: key('its name'), description: key('what it is for') })),
  agent: key('what agents get', agent),
})
