// One surface of coding tools over a home made for the test, told in short lines.
// The product never imports it.
import { readConfiguration } from '../../../../configuration/configuration.ts'
import { readMachine } from '../../../../configuration/machine.ts'
import type { ToolSettings } from '../../../../configuration/tool-sections.ts'
import { createConfigCollectors } from '../config-collectors.ts'
import { groundWith, never, put } from './ground.ts'

export interface ToolScan {
  readonly home: string
  /** `kind name ~/path`, and ` -` behind an item that has no detail. */
  readonly seen: () => Promise<readonly string[]>
  /** `~/path: reason`. */
  readonly issues: () => Promise<readonly string[]>
  /** Paths whose earlier items stand. */
  readonly unseen: () => Promise<readonly string[]>
  readonly details: () => Promise<readonly (string | null)[]>
  readonly interests: () => readonly string[]
}

type Section = keyof ToolSettings

interface Given {
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** The section's own keys. */
  readonly said?: Readonly<Record<string, unknown>>
  readonly places?: Partial<ToolSettings[Section]>
  readonly scanRoots?: readonly string[]
}

/** The home's only project root is `src`. */
export const toolScan = (section: Section, { files = {}, said = {}, places = {}, scanRoots }: Given): ToolScan => {
  const home = groundWith(files)
  const file = `${home}/.agent.yaml`
  const ceiling = scanRoots === undefined ? {} : { scanRoots }
  put(file, JSON.stringify({ ceiling, observe: { watch: { projectRoots: ['src'] }, [section]: said } }))
  const { observe } = readConfiguration(file, { ...readMachine({}), home, platform: 'linux', env: {} })
  const settings = { ...observe, [section]: { ...observe[section], ...places } }
  const collector = createConfigCollectors(() => settings).find(({ surface }) => surface === `${section}Config`)
  if (collector === undefined) throw new Error(`no surface for ${section}`)
  const short = (text: string): string => text.replaceAll(home, '~')
  const snapshot = async () => await collector.collect(never)
  return {
    home,
    seen: async () =>
      (await snapshot()).items.map(({ kind, name, path, detail }) =>
        short(`${kind} ${name} ${path}${detail === null ? ' -' : ''}`),
      ),
    issues: async () => (await snapshot()).issues.map(({ path, reason }) => short(`${path}: ${reason}`)),
    unseen: async () => (await snapshot()).unseen.map(({ path }) => short(path)),
    details: async () => (await snapshot()).items.map(({ detail }) => detail),
    interests: () => (collector.interests?.() ?? []).map(({ path, extent }) => short(`${extent} ${path}`)),
  }
}

export const oversized = (start = ''): string => start + ' '.repeat(5_000_001 - start.length)
