// `config check`: whether the server would accept its settings, and what they come to; faults were told before this.
// It reads nothing but settings and opens nothing.
import { flagOf, settingKeys } from '../settings/table.ts'
import type { RunCommand } from './command.ts'

const shown = (value: unknown): string => {
  if (Array.isArray(value)) return value.join(',')
  if (typeof value !== 'object' || value === null) return String(value)
  if ('host' in value && 'port' in value) return `${String(value.host)}:${String(value.port)}`
  return String('shown' in value ? value.shown : 'engine' in value ? value.engine : '')
}

export const run: RunCommand = async ({ server, switches, console }) => {
  const values = settingKeys
    .filter((key) => server.settings[key] !== undefined)
    .map((key) => [key, shown(server.settings[key])] as const)
  if (switches.has('json')) {
    console.out(JSON.stringify({ configFile: server.configFile, settings: Object.fromEntries(values) }, null, 2))
    return 0
  }
  console.say(server.configFile === null ? 'no config file found' : `config file: ${server.configFile}`)
  for (const [key, value] of values) console.out(`--${flagOf(key)} ${value}`)
  return 0
}
