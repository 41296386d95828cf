// A real muster-agent, bundled as it is shipped, on a home and a data folder of the run.
// What it is measured by is the cases' business.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { pins } from './processes.ts'
import { checkout } from './scratch.ts'

/** As the packaged service runs it, with another data folder. */
const unit = readFileSync(join(checkout, 'deploy', 'systemd', 'muster-agent.service'), 'utf8')
const agentFlags = (/^ExecStart=\S+ (.*?) ?\S+\.mjs /m.exec(unit)?.[1] ?? '').split(' ')
const agentEnv = (dataDir: string): Record<string, string> =>
  Object.fromEntries(
    [...unit.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
      name,
      value.replace('/var/lib/muster-agent', dataDir),
    ]),
  )

/** One file with everything in it, as `npm run package` ships it. */
export const bundleAgentTo = async (file: string): Promise<string> => {
  const maker = pathToFileURL(join(checkout, 'scripts', 'package', 'bundle.ts')).href
  const { bundleAgent } = (await import(maker)) as { bundleAgent(): Promise<{ readonly code: string }> }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, (await bundleAgent()).code)
  return file
}

export interface AgentWishes {
  readonly bundle: string
  readonly dataDir: string
  readonly home: string
  /** More keys of the configuration, as YAML at its top level. */
  readonly more?: string
}

export interface Logged {
  readonly msg: string
  readonly surface?: string
  readonly 'duration.ms'?: number
  /** On the monotonic clock of this process. */
  readonly heardMs: number
}

export interface Agent {
  readonly pid: number
  readonly startedMs: number
  /** The first line that fits, said already or still to come. */
  logged(fits: (line: Logged) => boolean): Promise<Logged>
  stop(): Promise<void>
}

const pollMs = 20
const patienceMs = 120_000

export const configure = ({ dataDir, home, more = '' }: AgentWishes): string => {
  const file = `${dataDir}.yaml`
  writeFileSync(file, `dataDir: ${dataDir}\nobserve:\n  home: ${home}\n${more}`)
  return file
}

const commandOf = (bundle: string, args: readonly string[]): readonly [string, readonly string[]] => {
  const node = [process.execPath, ...agentFlags, bundle, ...args]
  return pins ? ['taskset', ['-c', '0', ...node]] : [process.execPath, node.slice(1)]
}

const launch = ({ bundle, home, dataDir }: AgentWishes, args: readonly string[]) => {
  const [command, rest] = commandOf(bundle, args)
  const env = { ...process.env, ...agentEnv(dataDir), HOME: home }
  // It ends with its standard input, so that none is left behind by a run that was killed.
  return spawn(command, rest, { env, stdio: ['pipe', 'ignore', 'pipe'] })
}

export const startAgent = (wishes: AgentWishes): Agent => {
  const configFile = configure(wishes)
  const startedMs = performance.now()
  const child = launch(wishes, ['run', '--config', configFile, '--exit-with-stdin'])
  const lines: Logged[] = []
  createInterface({ input: child.stderr }).on('line', (text) => {
    const said = text.startsWith('{') ? (JSON.parse(text) as Omit<Logged, 'heardMs'>) : { msg: text }
    lines.push({ ...said, heardMs: performance.now() })
  })
  return {
    pid: child.pid ?? 0,
    startedMs,
    async logged(fits) {
      const deadlineMs = performance.now() + patienceMs
      while (child.exitCode === null && performance.now() < deadlineMs) {
        const line = lines.find(fits)
        if (line !== undefined) return line
        await wait(pollMs)
      }
      throw new Error(`the agent did not get there; it said ${lines.map(({ msg }) => msg).join('; ') || 'nothing'}`)
    },
    async stop() {
      const ended = child.exitCode === null ? once(child, 'exit') : null
      child.stdin.end()
      await ended
    },
  }
}

/** Runs one command of the agent to its end. */
export const runAgent = async (wishes: AgentWishes, command: string): Promise<void> => {
  const child = launch(wishes, [command, '--config', configure(wishes)])
  let said = ''
  child.stderr.on('data', (text) => void (said += String(text)))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`muster-agent ${command}: ${said}`)
}
