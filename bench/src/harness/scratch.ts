// The folder of one run: on the checkout's own disk, because a temporary folder in memory would make a sync free.
// What lies in it is its users' business; it goes when the run ends, and what a killed run left goes with the next.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const checkout = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))

const prefix = 'bench-'

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const sweep = (home: string): void => {
  for (const name of readdirSync(home)) {
    if (!name.startsWith(prefix) || isAlive(Number(name.slice(prefix.length)))) continue
    rmSync(join(home, name), { recursive: true, force: true })
  }
}

export interface Scratch {
  readonly path: string
  /** A name in it that nobody has yet. */
  fresh(what: string): string
  remove(path?: string): void
}

export const openScratch = (home: string): Scratch => {
  mkdirSync(home, { recursive: true })
  sweep(home)
  const path = join(home, `${prefix}${process.pid}`)
  mkdirSync(path, { mode: 0o700 })
  let count = 0
  return {
    path,
    fresh: (what) => join(path, `${what}-${++count}`),
    remove: (gone = path) => rmSync(gone, { recursive: true, force: true, maxRetries: 5 }),
  }
}
