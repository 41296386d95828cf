// Brings the program Node of a target to this disk: the checkout's own, one fetched before, or one from the npm registry.
// Which bytes are acceptable is targets.ts; all three ways are held to that.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pinnedNode, root } from '../with-node.mjs'
import { digestsOf, type Target } from './targets.ts'

/** SHA-256 of a file, in hex. */
export const digestOf = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

const isPinned = async (path: string, { sha256 }: Target): Promise<boolean> =>
  existsSync(path) && (await digestOf(path)) === sha256

const run = (program: string, args: readonly string[], cwd: string): string => {
  const shell = process.platform === 'win32'
  const ended = spawnSync(program, args, { cwd, shell, encoding: 'utf8' })
  if (ended.status === 0) return ended.stdout.trim()
  throw new Error(`${program} ${args.join(' ')}: ${ended.error?.message ?? ended.stderr.trim()}`)
}

const fetchInto = async (path: string, target: Target): Promise<void> => {
  const cache = join(root, '.cache', 'node')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'fetch-'))
  try {
    const packed = run('npm', ['pack', '--silent', `${target.npmPackage}@${digestsOf}`], folder)
    run('tar', ['-xzf', basename(packed), `package/${target.program}`], folder)
    const program = join(folder, 'package', target.program)
    if (!(await isPinned(program, target)))
      throw new Error(`${target.npmPackage}@${digestsOf} holds another Node than scripts/package/targets.ts pins`)
    renameSync(program, path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The version of Node this checkout pins; the digests must be those of exactly that one. */
export const pinnedVersion = (): string => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: { node: string }
  }
  if (dependencies.node === digestsOf) return digestsOf
  throw new Error(`Node ${dependencies.node} is pinned and scripts/package/targets.ts holds digests of ${digestsOf}`)
}

/** The path of the target's Node, whose digest has been checked. */
export const findNode = async (target: Target): Promise<string> => {
  const version = pinnedVersion()
  if (await isPinned(pinnedNode, target)) return pinnedNode
  const cached = join(root, '.cache', 'node', `${target.name}-${version}`)
  if (!(await isPinned(cached, target))) await fetchInto(cached, target)
  return cached
}
