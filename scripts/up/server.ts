// The server of `npm run up`: started with the caller's flags, and where it can be reached once it is ready.
// It reads what the server says about itself in its data folder; it decides no address.
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { serverFlags } from '@muster/server/node-flags'
import { root } from '../with-node.mjs'
import { type Program, startProgram } from './program.ts'

export interface Server {
  readonly program: Program
  readonly dataDir: string
  readonly apiUrl: string
  /** What agents elsewhere are told to call. */
  readonly gatewayUrl: string
  /** What an agent on this computer can call, even where its own name leads nowhere. */
  readonly nearGatewayUrl: string
}

/** The flag of that name in `args`, in either spelling; the last one counts, as for the server. */
export const flagIn = (args: readonly string[], name: string): string | null => {
  const said = args.flatMap((word, at) => {
    if (word === `--${name}`) return args[at + 1] ?? []
    return word.startsWith(`--${name}=`) ? word.slice(name.length + 3) : []
  })
  return said.at(-1) ?? null
}

interface Running {
  readonly pid: number
  readonly api: { readonly url: string }
  readonly gateway: { readonly host: string; readonly port: number; readonly url: string } | null
}

const isAnyAddress = (host: string): boolean => ['0.0.0.0', '::', '127.0.0.1', 'localhost'].includes(host)

// These flags decide whom the gateway's certificate names, which by itself is also 127.0.0.1.
const namingFlags = ['gateway-names', 'gateway-cert', 'gateway-url']

const nearUrl = (gateway: Running['gateway'], args: readonly string[]): string => {
  const isNamed = namingFlags.some((flag) => flagIn(args, flag) !== null)
  if (gateway === null || isNamed || !isAnyAddress(gateway.host)) return gateway?.url ?? ''
  return `https://127.0.0.1:${gateway.port}`
}

const readRunning = async (dataDir: string): Promise<Running | null> => {
  try {
    return JSON.parse(await readFile(join(dataDir, 'running.json'), 'utf8')) as Running
  } catch {
    return null // not yet, or being written
  }
}

const isReady = async (apiUrl: string): Promise<boolean> => {
  try {
    const answer = await fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(2000) })
    return answer.ok
  } catch {
    return false // not listening yet
  }
}

const pollMs = 100

/** Null when the program ended before it was ready; it has then said why. */
const waitUntilReady = async (program: Program, dataDir: string): Promise<Running | null> => {
  while (!program.hasEnded()) {
    const running = await readRunning(dataDir)
    if (running?.pid === program.pid && (await isReady(running.api.url))) return running
    await wait(pollMs)
  }
  return null
}

/** Starts `muster-server serve`; null when it ended instead of becoming ready. */
export const startServer = async (
  args: readonly string[],
  hear: (line: string) => void,
  started: (program: Program) => void,
): Promise<Server | null> => {
  const named = flagIn(args, 'data-dir') ?? process.env['MUSTER_DATA_DIR']
  const dataDir = resolve(root, named === undefined || named === '' ? '.muster' : named)
  const program = startProgram(
    'muster-server',
    'apps/server/src/main.ts',
    ['serve', ...args, '--data-dir', dataDir],
    hear,
    serverFlags,
  )
  started(program)
  const running = await waitUntilReady(program, dataDir)
  if (running === null) return null
  program.logTo(join(dataDir, 'server.log'))
  return {
    program,
    dataDir,
    apiUrl: running.api.url,
    gatewayUrl: running.gateway?.url ?? '',
    nearGatewayUrl: nearUrl(running.gateway, args),
  }
}
