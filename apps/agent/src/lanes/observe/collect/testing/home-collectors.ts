// Every collector over a home made for a test, whose `system` folder stands for the machine's own package databases.
// The product never imports it.
import { join } from 'node:path'
import type { ObserveSettings } from '../../../../configuration/configuration.ts'
import { readConfiguration } from '../../../../configuration/configuration.ts'
import { readMachine } from '../../../../configuration/machine.ts'
import { createCargoPackages } from '../cargo-packages/cargo-packages.ts'
import { createConfigCollectors } from '../config-collectors.ts'
import { createDebianPackages } from '../debian-packages/debian-packages.ts'
import { discoveryBudget, type WalkBudget } from '../discover.ts'
import { createGoModules } from '../go-modules/go-modules.ts'
import { createJavascriptPackages } from '../javascript-packages/javascript-packages.ts'
import { createPackageCollectors } from '../package-collectors.ts'
import { createPythonPackages } from '../python-packages/python-packages.ts'
import { createRpmPackages } from '../rpm-packages/rpm-packages.ts'
import type { Collector } from '../snapshot.ts'

const settingsIn = (configuration: string): ObserveSettings =>
  readConfiguration(configuration, { ...readMachine({}), platform: 'linux', env: {} }).observe

export const createHomeCollectors = (configuration: string): readonly Collector[] => {
  const observe = settingsIn(configuration)
  const system = join(observe.home, 'system')
  return [
    ...createPackageCollectors(() => observe).filter(({ surface }) => !/^(?:debian|rpm)/.test(surface)),
    createDebianPackages({ dpkg: join(system, 'dpkg'), apt: join(system, 'apt') }),
    createRpmPackages([join(system, 'rpm-link'), join(system, 'rpm')]),
    ...createConfigCollectors(() => observe),
  ]
}

/** Those of packages, and of Claude Desktop, whose one file is read like theirs. */
export const createPackageHomeCollectors = (configuration: string): readonly Collector[] =>
  createHomeCollectors(configuration).filter(({ surface }) => !/^(?!claudeDesktop).*Config$/.test(surface))

/** Those of coding tools' configuration. */
export const createToolHomeCollectors = (configuration: string): readonly Collector[] =>
  createHomeCollectors(configuration).filter(({ surface }) => surface.endsWith('Config'))

/** Those that walk the project roots, with a budget that is spent sooner. */
export const createWalkingCollectors = (configuration: string, spent: Partial<WalkBudget>): readonly Collector[] => {
  const observe = settingsIn(configuration)
  const { projectRoots: roots, maxDepth, excludeDirectories } = observe.watch
  const budget = { ...discoveryBudget, ...spent }
  const walk = { roots, scanRoots: observe.ceiling.scanRoots, maxDepth, excludeDirectories, budget }
  return [
    createJavascriptPackages(() => ({ ...observe.javascript, ...walk })),
    createPythonPackages(() => ({ ...observe.python, ...walk })),
    createGoModules(() => walk),
    createCargoPackages(() => walk),
  ]
}

/** Each budget of a walk, spent before it has seen the sound home to its end. */
export const spentBudgets: Readonly<Record<string, Partial<WalkBudget>>> = {
  files: { maxFiles: 1 },
  folders: { maxDirectories: 3 },
  time: { maxMs: -1 },
}
