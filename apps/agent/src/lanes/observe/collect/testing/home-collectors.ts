// Every collector of packages over a home made for a test, whose `system` folder stands for the machine's own databases.
// The product never imports it.
import { join } from 'node:path'
import { readConfiguration } from '../../../../configuration/configuration.ts'
import { readMachine } from '../../../../configuration/machine.ts'
import { createConfigCollectors } from '../config-collectors.ts'
import { createDebianPackages } from '../debian-packages/debian-packages.ts'
import { createPackageCollectors } from '../package-collectors.ts'
import { createRpmPackages } from '../rpm-packages/rpm-packages.ts'
import type { Collector } from '../snapshot.ts'

export const createPackageHomeCollectors = (configuration: string): readonly Collector[] => {
  const { observe } = readConfiguration(configuration, { ...readMachine({}), platform: 'linux', env: {} })
  const system = join(observe.home, 'system')
  return [
    ...createPackageCollectors(() => observe).filter(({ surface }) => !/^(?:debian|rpm)/.test(surface)),
    ...createConfigCollectors(() => observe).filter(({ surface }) => surface === 'claudeDesktopConfig'),
    createDebianPackages({ dpkg: join(system, 'dpkg'), apt: join(system, 'apt') }),
    createRpmPackages([join(system, 'rpm-link'), join(system, 'rpm')]),
  ]
}
