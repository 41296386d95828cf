// Proves on real programs that `npm run up` ends with nothing left behind, and that a second start is the same device.
// What the server and the agent do in between is proved in their own rooms.
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { root } from '../with-node.mjs'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-up-'))
})
const started: ChildProcess[] = []
after(async () => {
  for (const child of started) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

interface Up {
  readonly child: ChildProcess
  readonly lines: readonly string[]
  /** Resolves with the first line that fits; fails when the command ends without having printed one. */
  line(pattern: RegExp): Promise<string>
}

const leash = pathToFileURL(join(root, 'scripts', 'leash.ts')).href

const startUp = (dataDir: string, ...more: readonly string[]): Up => {
  const args = ['--data-dir', dataDir, '--api', '127.0.0.1:0', '--gateway', '127.0.0.1:0', ...more]
  const child = spawn(process.execPath, ['--import', leash, join(root, 'scripts', 'up', 'main.ts'), ...args], {
    env: { ...process.env, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  started.push(child)
  const lines: string[] = []
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null)
      createInterface({ input: stream }).on('line', (text) => {
        lines.push(text)
        for (const look of waiting) look()
      })
  return {
    child,
    lines,
    line: (pattern) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      const look = (): void => {
        const found = lines.find((text) => pattern.test(text))
        if (found !== undefined) resolve(found)
      }
      waiting.add(look)
      child.once('close', () => reject(new Error(`ended without a line like ${pattern}:\n${lines.join('\n')}`)))
      look()
      return promise.finally(() => waiting.delete(look))
    },
  }
}

const processesWith = (text: string): readonly string[] =>
  execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((args) => args.includes(text))

const nothingLeft = async (text: string): Promise<void> => {
  while (processesWith(text).length > 0) await wait(100)
}

const deviceIn = (line: string): string => /\((dev_\w+)\)/.exec(line)?.[1] ?? ''

test('this computer is enrolled once, and Ctrl-C stops all of it', async () => {
  const dataDir = join(folder, 'twice')
  const first = startUp(dataDir)
  const device = deviceIn(await first.line(/This computer is enrolled/))
  assert.match(await first.line(/found on it/), /[1-9][0-9,]* items found on it: npx muster inventory dev_/)
  assert.match(await first.line(/--surface javascriptPackages/), /[1-9][0-9,]* items/)
  first.child.kill('SIGINT')
  assert.deepEqual(await once(first.child, 'close'), [130, null])
  assert.deepEqual(processesWith(dataDir), [])

  const second = startUp(dataDir)
  assert.equal(deviceIn(await second.line(/This computer is enrolled/)), device)
  second.child.kill('SIGTERM')
  assert.deepEqual(await once(second.child, 'close'), [143, null])
  assert.deepEqual(processesWith(dataDir), [])
})

test('nothing outlives a command that is killed', async () => {
  const dataDir = join(folder, 'killed')
  const up = startUp(dataDir)
  await up.line(/This computer is enrolled/)
  assert.equal(processesWith(dataDir).length, 3)
  up.child.kill('SIGKILL')
  await nothingLeft(dataDir)
})

test('what keeps the server from starting is said in its own words, and nothing is left', async () => {
  const up = startUp(join(folder, 'wrong'), '--gatway', 'x')
  assert.deepEqual(await once(up.child, 'close'), [2, null])
  assert.match(up.lines.join('\n'), /--gateway/)
})
