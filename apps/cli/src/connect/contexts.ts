// The file that remembers servers by name: in the user's configuration folder, readable by that user only.
// Which context counts is decide.ts.
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Secret } from '@muster/kernel'
import { EXIT, Stop } from '../stop.ts'
import type { World } from '../world.ts'
import type { Context } from './decide.ts'

export interface Contexts {
  readonly current: string | null
  readonly contexts: Readonly<Record<string, Context>>
}

type Place = Pick<World, 'env' | 'homeFolder' | 'platform'>

const configFolder = ({ env, homeFolder, platform }: Place): string => {
  if (platform === 'win32') return env['APPDATA'] ?? join(homeFolder, 'AppData', 'Roaming')
  if (platform === 'darwin') return join(homeFolder, 'Library', 'Application Support')
  return env['XDG_CONFIG_HOME'] || join(homeFolder, '.config')
}

export const contextsFile = (place: Place): string => join(configFolder(place), 'muster', 'contexts.json')

const text = (value: unknown): value is string => typeof value === 'string'

const contextOf = (value: unknown): Context | null => {
  const { url, token, caFile } = (value ?? {}) as Record<string, unknown>
  if (!text(url)) return null
  return { url, ...(text(token) ? { token: new Secret(token) } : {}), ...(text(caFile) ? { caFile } : {}) }
}

const parse = (json: string): Contexts => {
  const { current, contexts } = JSON.parse(json) as { current?: unknown; contexts?: Record<string, unknown> }
  const known = Object.entries(contexts ?? {}).flatMap(([name, value]) => {
    const context = contextOf(value)
    return context === null ? [] : [[name, context] as const]
  })
  return { current: text(current) ? current : null, contexts: Object.fromEntries(known) }
}

const empty: Contexts = { current: null, contexts: {} }

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** What is remembered; nothing when there is no file. A file that others can read is refused, because it holds tokens. */
export const readContexts = async (place: Place): Promise<Contexts> => {
  const file = contextsFile(place)
  try {
    const { mode } = await stat(file)
    if (place.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new Stop(EXIT.failure, `${file} can be read by others; run: chmod 600 "${file}"`)
    return parse(await readFile(file, 'utf8'))
  } catch (cause) {
    if (isMissing(cause)) return empty
    if (cause instanceof Stop) throw cause
    throw new Stop(EXIT.failure, `${file} cannot be read; mend it or remove it`, { cause })
  }
}

const plain = ({ url, token, caFile }: Context) => ({ url, token: token?.reveal(), caFile })

/** Replaces the file as a whole, so that a crash leaves the old one or the new one. */
export const writeContexts = async (place: Place, { current, contexts }: Contexts): Promise<void> => {
  const file = contextsFile(place)
  const saved = Object.fromEntries(Object.entries(contexts).map(([name, context]) => [name, plain(context)]))
  const partial = `${file}.partial`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(partial, `${JSON.stringify({ current, contexts: saved }, null, 2)}\n`, { mode: 0o600 })
    await chmod(partial, 0o600)
    await rename(partial, file)
  } catch (cause) {
    throw new Stop(EXIT.failure, `${file} cannot be written`, { cause })
  }
}
