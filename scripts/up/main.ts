// The story of `npm run up`: a server, this computer's agent beside it, and an end that leaves nothing behind.
// Installing is done before this starts (up.mjs); servers and agents know nothing of this command.
import { constants } from 'node:os'
import { join } from 'node:path'
import { ensureDashboard } from '@muster/web/build'
import { root } from '../with-node.mjs'
import { startAgent } from './agent.ts'
import type { Program } from './program.ts'
import { type Server, startServer } from './server.ts'
import { readyText, typed } from './words.ts'

const running: Program[] = []
const keep = (program: Program): number => running.push(program)

let stopping: Promise<void> | null = null
/** Stops the agent before the server it talks to. */
const stopAll = (): Promise<void> => {
  stopping ??= (async () => {
    for (const program of running.toReversed()) await program.stop()
  })()
  return stopping
}

const say = (text: string): void => console.log(text)
const complain = (text: string): void => console.error(text)

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    process.exitCode = 128 + constants.signals[signal]
    void stopAll()
  })

const introduce = (server: Server): void => {
  const tokenFile = typed(root, join(server.dataDir, 'admin-token'))
  // muster looks into ./.muster by itself.
  const isUsual = server.dataDir === join(root, '.muster')
  say(
    readyText({
      apiUrl: server.apiUrl,
      gatewayUrl: server.gatewayUrl,
      tokenFile,
      logFile: typed(root, join(server.dataDir, 'server.log')),
      flags: isUsual ? '' : ` --url ${server.apiUrl} --token "$(cat ${tokenFile})"`,
    }),
  )
}

const main = async (args: readonly string[]): Promise<void> => {
  await ensureDashboard(() => complain('Building the dashboard, some seconds the first time.'))
  const server = await startServer(args, complain, keep)
  if (server === null) {
    const [program] = running
    // What is no JSON line was meant for people, such as the answer to --help.
    for (const line of program?.printed() ?? []) if (!line.startsWith('{')) say(line)
    process.exitCode ??= (await program?.ended) ?? 1
    return
  }
  introduce(server)
  startAgent(server, { say, complain, keep, isOver: () => stopping !== null }).catch((fault: unknown) =>
    complain(`this computer was not enrolled: ${fault instanceof Error ? fault.message : String(fault)}`),
  )
  const code = await server.program.ended
  if (stopping === null) {
    complain(`muster-server ended by itself with code ${code}; its log is ${join(server.dataDir, 'server.log')}`)
    process.exitCode = code === 0 ? 1 : code
  }
  await stopAll()
}

await main(process.argv.slice(2))
