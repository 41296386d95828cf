// What a settings file of Claude Code says by its keys: settings, hooks, permissions, plugins (sensor-agent 6.2). Pure.
// Which settings files there are is claude-config.ts.
import { type Disclosure, named } from '../disclosure/disclosure.ts'
import { isMapping } from '../reading.ts'
import { pluginNames, pluginNamesDisclosure } from './plugin-names.ts'

const PLUGIN_KEYS = ['enabledPlugins', 'extraKnownMarketplaces', 'pluginMarketplaces', 'plugins'] as const
const PERMISSIONS = ['allow', 'deny'] as const

export const settingsDisclosure: Disclosure = {
  keys: {
    ...Object.fromEntries(PLUGIN_KEYS.map((key) => [key, pluginNamesDisclosure])),
    permissions: { keys: { allow: named, deny: named } },
  },
  anyKey: named,
}

export interface ClaudeSettingsReading {
  /** Top-level keys, and the two kinds of permission by their paths. */
  readonly settings: readonly string[]
  readonly hasHooks: boolean
  readonly plugins: readonly string[]
}

const permissionsOf = (value: unknown): readonly string[] =>
  isMapping(value) ? PERMISSIONS.filter((key) => Object.hasOwn(value, key)).map((key) => `permissions.${key}`) : []

/** A document that is no mapping says nothing. */
export const readClaudeSettings = (document: unknown): ClaudeSettingsReading => {
  if (!isMapping(document)) return { settings: [], hasHooks: false, plugins: [] }
  const plugins = PLUGIN_KEYS.flatMap((key) => pluginNames(document[key]))
  return {
    settings: [...Object.keys(document), ...permissionsOf(document['permissions'])],
    hasHooks: Object.hasOwn(document, 'hooks'),
    plugins: [...new Set(plugins)].toSorted(),
  }
}
