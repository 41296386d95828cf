// The help text, made from the table of settings, so that it cannot forget one.
// Commands and their words are main.ts's.
import { flagOf, SECRET_VARIABLES, SETTINGS, type Setting, type SettingKey, settingKeys, variableOf } from './table.ts'

const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)) + 2)
  return rows
    .map(([left, right]) =>
      left.length + 2 > width ? `  ${left}\n  ${' '.repeat(width)}${right}` : `  ${left.padEnd(width)}${right}`,
    )
    .join('\n')
}

const fallbackOf = ({ fallback, fallbackSays }: Setting<unknown>): string => {
  const says = fallbackSays ?? (typeof fallback === 'string' ? fallback : undefined)
  return says === undefined ? '' : ` [${says}]`
}

const settingRow = (key: SettingKey): readonly [string, string] => {
  const setting: Setting<unknown> = SETTINGS[key]
  return [`--${flagOf(key)} ${setting.form}`, `${setting.help}${fallbackOf(setting)}`]
}

export interface CommandHelp {
  readonly words: string
  readonly help: string
}

export const helpText = (commands: readonly CommandHelp[], switches: readonly (readonly [string, string])[]): string =>
  `muster-server: the server of a Muster fleet

Usage: muster-server [COMMAND] [FLAGS]

Commands:
${columns(commands.map(({ words, help }) => [words, help]))}

Settings:
${columns([['--config FILE', 'YAML or TOML; else MUSTER_SERVER_CONFIG, else server.yaml in the OS config folder'], ...settingKeys.map(settingRow)])}

Switches:
${columns(switches)}

Each setting is also an environment variable and a key of the config file: --data-dir is ${variableOf('dataDir')} and
dataDir, --metrics-auth is ${variableOf('metrics.auth')} and metrics.auth. A flag weighs more than the environment, that more
than the file, that more than the default.

Secrets come by environment only:
${columns(Object.entries(SECRET_VARIABLES))}
`
