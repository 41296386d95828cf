// `muster settings`: what an owner sets for the whole tenant.
// Settings of the installation are the server's own, in its flags and its file.
import { fleetRoutes, type TenantSettings } from '@muster/contract'
import type { Command } from 'commander'
import { given, spanOf } from '../ask/argument.ts'
import type { Acting, Session } from '../session.ts'
import type { Printer } from '../show/print.ts'
import { EXIT, Stop } from '../stop.ts'

const { changeSettings, readSettings } = fleetRoutes

const units = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
] as const

/** The largest unit that says it without a fraction. */
const spanText = (seconds: number): string => {
  const [size, unit] = units.find(([one]) => seconds % one === 0) ?? [1, 's']
  return `${seconds / size}${unit}`
}

const showSettings = (print: Printer, settings: TenantSettings): Promise<void> => {
  if (print.isJson) return print.json(settings)
  const { onlineSeconds, idleSeconds, offlineSeconds } = settings.liveness
  return print.facts([
    ['online', `silent for less than ${spanText(onlineSeconds)}`],
    ['idle', `less than ${spanText(idleSeconds)}`],
    ['offline', `less than ${spanText(offlineSeconds)}`],
    ['dormant', 'longer'],
  ])
}

const show = async ({ talk, print }: Session): Promise<void> => showSettings(print, await talk.get(readSettings, {}))

interface SetFlags {
  readonly online?: number
  readonly idle?: number
  readonly offline?: number
}

const set = async ({ talk, print }: Session, flags: SetFlags): Promise<void> => {
  const said = given({ onlineSeconds: flags.online, idleSeconds: flags.idle, offlineSeconds: flags.offline })
  if (Object.keys(said).length === 0) throw new Stop(EXIT.usage, 'say what to set: --online, --idle or --offline')
  const { liveness, version } = await talk.get(readSettings, {})
  const body = { liveness: { ...liveness, ...said } }
  await showSettings(print, await talk.get(changeSettings, { body, ifMatch: String(version) }))
}

export const addSettingsCommands = (muster: Command, { online }: Acting): void => {
  const settings = muster.command('settings').description('what an owner sets for the whole tenant')
  settings.command('show').description('the settings in force').action(online(show))
  settings
    .command('set')
    .description('after which silence a device counts as how lively')
    .option('--online <span>', 'silent for less than this, such as 3m', spanOf)
    .option('--idle <span>', 'silent for less than this, such as 15m', spanOf)
    .option('--offline <span>', 'silent for less than this, such as 7d; dormant beyond', spanOf)
    .action(online(set))
}
