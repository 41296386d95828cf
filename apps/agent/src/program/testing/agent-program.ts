// The agent's program as whoever starts it has it: launched, listened to, and left with nothing behind it.
// What it says and does is proved in the tests that use this.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { onlyLockfiles, scratchFolder } from '../../lanes/observe/testing/stores.ts'

export const program = fileURLToPath(new URL('../../main.ts', import.meta.url))

const launched = new Set<ChildProcess>()
export const launchBy = (command: string, words: readonly string[], env: Record<string, string> = {}): ChildProcess => {
  const child = spawn(command, words, { env: { PATH: process.env['PATH'] ?? '', ...env } })
  launched.add(child)
  return child
}
export const launch = (args: readonly string[], env: Record<string, string> = {}): ChildProcess =>
  launchBy(process.execPath, [program, ...args], env)
// A test that fails leaves nothing running behind it.
after(() => {
  for (const child of launched) child.kill('SIGKILL')
})

export const textOf = (child: ChildProcess) => {
  const said = { out: '', err: '' }
  child.stdout?.on('data', (piece) => {
    said.out += piece
  })
  child.stderr?.on('data', (piece) => {
    said.err += piece
  })
  return said
}

export const runToEnd = async (args: readonly string[], env: Record<string, string> = {}) => {
  const child = launch(args, env)
  const said = textOf(child)
  const [code] = await once(child, 'close')
  return { code, ...said }
}

export const untilSaid = async (child: ChildProcess, said: { err: string }, pattern: RegExp): Promise<void> => {
  while (!pattern.test(said.err)) {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${said.err}`)
    await Promise.race([once(child.stderr as NonNullable<typeof child.stderr>, 'data'), once(child, 'exit')])
  }
}

const lockText = (packages: Record<string, string>): string =>
  JSON.stringify({
    packages: Object.fromEntries(
      Object.entries(packages).map(([name, version]) => [`node_modules/${name}`, { version }]),
    ),
  })

/** A configuration over one project with a lockfile; `changed` and `observed` are laid over it. */
export const place = (changed: Record<string, unknown> = {}, observed: Record<string, unknown> = {}) => {
  const folder = scratchFolder()
  const projects = join(folder, 'projects')
  const dataDir = join(folder, 'data')
  const config = join(folder, 'agent.yaml')
  mkdirSync(projects)
  const lock = (packages: Record<string, string>) =>
    writeFileSync(join(projects, 'package-lock.json'), lockText(packages))
  lock({ a: '1.0.0' })
  const file = {
    dataDir,
    planes: ['observe'],
    ...changed,
    observe: {
      ...onlyLockfiles,
      watch: { projectRoots: [projects], pollIntervalSeconds: 1 },
      sync: { checkInIntervalSeconds: 1, retryBaseSeconds: 1, maxBatchEvents: 100 },
      ...observed,
    },
  }
  writeFileSync(config, JSON.stringify(file))
  return { config, dataDir, projects, lock }
}
