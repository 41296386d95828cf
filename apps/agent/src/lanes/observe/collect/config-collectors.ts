// The collectors of coding tools' configuration, each with the settings it goes by (sensor-agent 3.4, 6).
// Those of packages are package-collectors.ts; the order of all is collectors.ts.
import type { ObserveSettings } from '../../../configuration/configuration.ts'
import type { ProjectScope } from './agent-config/tool-order.ts'
import { createClaudeConfig } from './claude-config/claude-config.ts'
import { createClaudeDesktop } from './claude-desktop/claude-desktop.ts'
import { createCodexConfig } from './codex-config/codex-config.ts'
import { createCursorConfig } from './cursor-config/cursor-config.ts'
import { createOpencodeConfig } from './opencode-config/opencode-config.ts'
import { createPiConfig } from './pi-config/pi-config.ts'
import type { Collector } from './snapshot.ts'

const scopeOf = ({ watch, ceiling }: ObserveSettings, own: readonly string[] | null): ProjectScope => ({
  roots: own ?? watch.projectRoots,
  scanRoots: ceiling.scanRoots,
})

const creators = {
  claude: (settings: () => ObserveSettings) =>
    createClaudeConfig(() => ({ ...settings().claude, ...scopeOf(settings(), settings().claude.projectRoots) })),
  codex: (settings: () => ObserveSettings) =>
    createCodexConfig(() => ({ ...settings().codex, ...scopeOf(settings(), settings().codex.projectRoots) })),
  cursor: (settings: () => ObserveSettings) =>
    createCursorConfig(() => ({ ...settings().cursor, ...scopeOf(settings(), null) })),
  opencode: (settings: () => ObserveSettings) =>
    createOpencodeConfig(() => ({ ...settings().opencode, ...scopeOf(settings(), settings().opencode.projectRoots) })),
  pi: (settings: () => ObserveSettings) => createPiConfig(() => ({ ...settings().pi, ...scopeOf(settings(), null) })),
  claudeDesktop: (settings: () => ObserveSettings) => createClaudeDesktop(() => settings().claudeDesktop.configPath),
}

/** In the order they are scanned; `settings` are asked for at every scan. */
export const createConfigCollectors = (settings: () => ObserveSettings): readonly Collector[] =>
  (Object.keys(creators) as (keyof typeof creators)[])
    .filter((section) => settings()[section].enabled)
    .map((section) => creators[section](settings))
