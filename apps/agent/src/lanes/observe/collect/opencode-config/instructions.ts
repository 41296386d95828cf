// The instruction files in one of OpenCode's folders, by the names they have on disk (sensor-agent 6.6).
// What is kept of them is opencode-config.ts.
import { lstat, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { codeOf, isAbsent } from '../../../../plain-fault.ts'
import type { ConfigGathering, Place } from '../agent-config/config-gathering.ts'
import { mayStartAt } from '../folder.ts'
import { listedNames, type SeenName } from './spelling.ts'

const NAMES = ['AGENTS.md', 'Agents.md'] as const

type Gathering = Pick<ConfigGathering, 'miss' | 'missTree'>

const look = async (path: string, { miss }: Gathering): Promise<SeenName | null> => {
  try {
    const { dev, ino } = await lstat(path, { bigint: true })
    return { name: basename(path), entry: `${dev}:${ino}` }
  } catch (fault) {
    if (!isAbsent(fault)) miss(path, `cannot be inspected: ${codeOf(fault)}`)
    return null
  }
}

/**
 * Where case does not count both names are one file, and it is told once. A project's folder that lies elsewhere is not
 * looked into.
 */
export const instructionFiles = async (
  { path: folder, reach }: Place,
  gathering: Gathering,
): Promise<readonly Place[]> => {
  const outside = typeof reach === 'string' ? null : ((await mayStartAt(folder, reach))?.reason ?? null)
  if (outside !== null) {
    gathering.missTree(folder, outside)
    return []
  }
  const looked = await Promise.all(NAMES.map((name) => look(join(folder, name), gathering)))
  const seen = looked.filter((name) => name !== null)
  const names =
    seen.length < 2 ? seen.map(({ name }) => name) : listedNames(seen, await readdir(folder).catch(() => null))
  return names.map((name) => ({ path: join(folder, name), reach }))
}
