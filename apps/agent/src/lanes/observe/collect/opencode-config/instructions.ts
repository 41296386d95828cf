// The instruction files in one of OpenCode's folders, by the names they have on disk (sensor-agent 6.6).
// What is kept of them is opencode-config.ts.
import { lstat, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { codeOf } from '../../../../plain-fault.ts'
import type { Place } from '../agent-config/config-gathering.ts'
import { listedNames, type SeenName } from './spelling.ts'

const NAMES = ['AGENTS.md', 'Agents.md'] as const

type OnFault = (path: string, reason: string) => void

const look = async (path: string, onFault: OnFault): Promise<SeenName | null> => {
  try {
    const { dev, ino } = await lstat(path, { bigint: true })
    return { name: basename(path), entry: `${dev}:${ino}` }
  } catch (fault) {
    const code = codeOf(fault)
    if (code !== 'ENOENT' && code !== 'ENOTDIR') onFault(path, `cannot be inspected: ${code}`)
    return null
  }
}

/** Where case does not count both names are one file, and it is told once. */
export const instructionFiles = async ({ path: folder, reach }: Place, onFault: OnFault): Promise<readonly Place[]> => {
  const looked = await Promise.all(NAMES.map((name) => look(join(folder, name), onFault)))
  const seen = looked.filter((name) => name !== null)
  const names =
    seen.length < 2 ? seen.map(({ name }) => name) : listedNames(seen, await readdir(folder).catch(() => null))
  return names.map((name) => ({ path: join(folder, name), reach }))
}
