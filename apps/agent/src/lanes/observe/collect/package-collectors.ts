// The collectors of packages, each with the settings it goes by (sensor-agent 3.4, 6).
// Those of coding tools' configuration are put together elsewhere; the order of all is collectors.ts.
import type { ObserveSettings } from '../../../configuration/configuration.ts'
import { createCargoPackages } from './cargo-packages/cargo-packages.ts'
import { createDebianPackages } from './debian-packages/debian-packages.ts'
import { discoveryBudget } from './discover.ts'
import { createGoModules } from './go-modules/go-modules.ts'
import { createHomebrew } from './homebrew/homebrew.ts'
import { createJavascriptPackages } from './javascript-packages/javascript-packages.ts'
import { createNpmGlobalPackages } from './npm-global/npm-global-packages.ts'
import type { PackageFilesNeeds, ProjectWalk } from './package-files.ts'
import { createPythonPackages } from './python-packages/python-packages.ts'
import { createRpmPackages } from './rpm-packages/rpm-packages.ts'
import { createSharedWalk } from './shared-walk.ts'
import type { Collector } from './snapshot.ts'
import { createVscodeExtensions } from './vscode-extensions/vscode-extensions.ts'

// Discovery that runs out of time still gives what it saw; a scan that does gives nothing, so it must come later.
const discoveryShare = 0.8

/** What one section says of its walk, and what `watch` says where it says nothing. */
const walkOf = ({ watch, ceiling }: ObserveSettings, own: ObserveSettings['go']): ProjectWalk => ({
  roots: own.projectRoots ?? watch.projectRoots,
  scanRoots: ceiling.scanRoots,
  maxDepth: own.maxDepth ?? watch.maxDepth,
  excludeDirectories: own.excludeDirectories ?? watch.excludeDirectories,
  budget: {
    ...discoveryBudget,
    maxMs: Math.min(discoveryBudget.maxMs, watch.maxScanWallClockSeconds * 1000 * discoveryShare),
  },
})

type Create = (settings: () => ObserveSettings, needs: PackageFilesNeeds) => Collector

const creators = {
  homebrew: (settings) =>
    createHomebrew(() => ({ ...settings().homebrew, home: settings().home, platform: process.platform })),
  javascript: (settings, needs) =>
    createJavascriptPackages(() => ({ ...settings().javascript, ...walkOf(settings(), settings().javascript) }), needs),
  python: (settings, needs) =>
    createPythonPackages(() => ({ ...settings().python, ...walkOf(settings(), settings().python) }), needs),
  go: (settings, needs) => createGoModules(() => walkOf(settings(), settings().go), needs),
  cargo: (settings, needs) => createCargoPackages(() => walkOf(settings(), settings().cargo), needs),
  debian: () => createDebianPackages(),
  rpm: () => createRpmPackages(),
  vscode: (settings) => createVscodeExtensions(() => ({ ...settings().vscode, home: settings().home })),
  npmGlobal: (settings) =>
    createNpmGlobalPackages(() => ({ ...settings().npmGlobal, home: settings().home, platform: process.platform })),
} satisfies Partial<Record<keyof ObserveSettings, Create>>

/** In the order they are scanned; `settings` are asked for at every scan. */
export const createPackageCollectors = (settings: () => ObserveSettings): readonly Collector[] => {
  const needs = { walk: createSharedWalk() }
  return (Object.keys(creators) as (keyof typeof creators)[])
    .filter((section) => settings()[section].enabled)
    .map((section) => creators[section](settings, needs))
}
