// The `watch` and `sync` parts of a policy: bounds, bare names, and scan roots that stay inside a home directory.
// Rules are read-rules.ts; an agent clamps what it receives once more by itself.

import {
  DEFAULT_EXCLUDED_DIRECTORIES,
  DEFAULT_PROJECT_ROOTS,
  DEFAULT_PRUNED_DIRECTORIES,
  DEFAULT_SIGNAL_FILES,
  DEFAULT_SIGNAL_GLOBS,
} from '@muster/contract'
import {
  HOME_SCAN_BOUNDS,
  type HomeSignalScan,
  LIST_BOUNDS,
  SCAN_BUDGET_BOUNDS,
  SYNC_BOUNDS,
  WATCH_BOUNDS,
  type Watch,
  type Whole,
} from '../bundle/bundle.ts'
import type { Report } from './fault.ts'
import { type Form, quote, type TextJudge } from './form.ts'

/** `agent.watch` with every default filled in (sensor-protocol 14.2). */
export const readWatch = (form: Form, mayWidenScan: boolean, report: Report): Watch => {
  const numbers = form.integers(WATCH_BOUNDS)
  if (numbers.maxFreshScanAgeSeconds < 2 * numbers.pollIntervalSeconds) {
    const key = form.has('maxFreshScanAgeSeconds') ? 'maxFreshScanAgeSeconds' : 'pollIntervalSeconds'
    const least = `at least twice pollIntervalSeconds (${2 * numbers.pollIntervalSeconds})`
    report.error(form.placeOf(key), 'out_of_bounds', `maxFreshScanAgeSeconds must be ${least}`)
  }
  const watch = {
    ...numbers,
    projectRoots: form.texts('projectRoots', LIST_BOUNDS.projectRoots, judgeRoot) ?? DEFAULT_PROJECT_ROOTS,
    excludeDirectories: namesOf(form, 'excludeDirectories', DEFAULT_EXCLUDED_DIRECTORIES),
    homeSignalScan: readHomeSignalScan(form.form('homeSignalScan'), mayWidenScan, report),
  }
  if (!mayWidenScan && !isDefaultRoots(watch.projectRoots))
    report.error(form.placeOf('projectRoots'), 'scan_scope_not_allowed', scopeMessage)
  form.close()
  return watch
}

/** `agent.sync`: the two keys that take effect on an agent. */
export const readSync = (form: Form): Whole<typeof SYNC_BOUNDS> => {
  const sync = form.integers(SYNC_BOUNDS)
  form.close()
  return sync
}

/** Whether the policy looks where agents do not look by themselves (sensor-protocol D27); worth an audit entry. */
export const widensScan = (watch: Watch): boolean => watch.homeSignalScan.enabled || !isDefaultRoots(watch.projectRoots)

const scopeMessage = 'only an operator with the capability policy:scan-scope may change where agents look'

const readHomeSignalScan = (form: Form, mayWidenScan: boolean, report: Report): HomeSignalScan => {
  const enabled = form.boolean('enabled') ?? false
  if (enabled && !mayWidenScan) report.error(form.placeOf('enabled'), 'scan_scope_not_allowed', scopeMessage)
  forceBoolean(form, 'followSymlinks', false, report)
  forceBoolean(form, 'eventPathFiltering', true, report)
  const budget = form.form('initialScanBudget')
  const scan = {
    enabled,
    root: readScanRoot(form, report),
    ...form.integers(HOME_SCAN_BOUNDS),
    followSymlinks: false,
    eventPathFiltering: true,
    initialScanBudget: budget.integers(SCAN_BUDGET_BOUNDS),
    signalFileNames: namesOf(form, 'signalFileNames', DEFAULT_SIGNAL_FILES),
    signalFileGlobs: form.texts('signalFileGlobs', LIST_BOUNDS.signalFileGlobs, judgeGlob) ?? DEFAULT_SIGNAL_GLOBS,
    pruneDirectoryNames: namesOf(form, 'pruneDirectoryNames', DEFAULT_PRUNED_DIRECTORIES),
  } as const
  budget.close()
  form.close()
  return scan
}

const forceBoolean = (form: Form, key: string, only: boolean, report: Report): void => {
  const said = form.boolean(key)
  if (said !== undefined && said !== only) report.error(form.placeOf(key), 'wrong_value', `must be ${only}`)
}

// The literal `~` is what agents have by default; it is served only so that the bundle is complete.
const readScanRoot = (form: Form, report: Report): string => {
  const root = form.text('root', 1024) ?? '~'
  const fault = root === '~' ? null : judgeRoot(root)
  if (fault !== null) report.error(form.placeOf('root'), fault.code, fault.message)
  return root
}

const isDefaultRoots = (roots: readonly string[]): boolean =>
  new Set(roots).symmetricDifference(new Set(DEFAULT_PROJECT_ROOTS)).size === 0

type NameList = 'excludeDirectories' | 'signalFileNames' | 'pruneDirectoryNames'

const namesOf = (form: Form, key: NameList, otherwise: readonly string[]): readonly string[] =>
  form.texts(key, LIST_BOUNDS[key], judgeName) ?? otherwise

const judgeRoot: TextJudge = (text) => {
  const segments = text.replace(/^~\//, '').replace(/\/$/, '').split('/')
  const isInsideHome =
    text.startsWith('~/') && segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..')
  if (isInsideHome && !text.includes('\\')) return null
  const message = `${quote(text)} must be a folder inside the home directory, written ~/name, without . or ..`
  return { code: 'project_root_refused', message }
}

const judgeName: TextJudge = (text) =>
  /[/\\*?[\]{}]/.test(text) || text === '.' || text === '..' || text.length > 255
    ? { code: 'malformed_file_name', message: `${quote(text)} must be a bare name, not a path or a pattern` }
    : null

const judgeGlob: TextJudge = (text) =>
  /[/\\?[\]{}!]/.test(text) || text.length > 255
    ? { code: 'malformed_file_name', message: `${quote(text)} must be a bare name in which * is the only wildcard` }
    : null
