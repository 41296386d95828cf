// The instruction files in one of OpenCode's folders, by the names they have on disk (sensor-agent 6.6).
// What is kept of them is opencode-config.ts.
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from '../agent-config/config-gathering.ts'
import { listedNames, type SeenName } from './spelling.ts'

const NAMES = ['AGENTS.md', 'Agents.md'] as const

const look = async (folder: string, name: string): Promise<SeenName | null> => {
  const state = await lstat(join(folder, name), { bigint: true }).catch(() => null)
  return state === null ? null : { name, entry: `${state.dev}:${state.ino}` }
}

/** Where case does not count both names are one file, and it is told once. */
export const instructionFiles = async ({ path: folder, reach }: Place): Promise<readonly Place[]> => {
  const seen = (await Promise.all(NAMES.map((name) => look(folder, name)))).filter((name) => name !== null)
  const names =
    seen.length < 2 ? seen.map(({ name }) => name) : listedNames(seen, await readdir(folder).catch(() => []))
  return names.map((name) => ({ path: join(folder, name), reach }))
}
