// `serve`: runs the server until it is told to stop; the second time it is told, it stops at once.
// Building it is wire.ts.
import { existsSync } from 'node:fs'
import { chooseOperatorAuth } from '@muster/identity'
import { readDashboard } from '@muster/web'
import { adminTokenFile } from '../folder/data-folder.ts'
import { programVersion } from '../version.ts'
import { type RunningServer, startServer } from '../wire.ts'
import type { Console, RunCommand } from './command.ts'

const stopSignals = ['SIGTERM', 'SIGINT'] as const
const exitCodes = { SIGTERM: 143, SIGINT: 130 } as const

/** Resolves with the first signal; from then on a signal ends the process. */
const waitForSignal = (): Promise<(typeof stopSignals)[number]> =>
  new Promise((resolve) => {
    for (const signal of stopSignals) {
      process.once(signal, () => {
        resolve(signal)
        for (const again of stopSignals) process.on(again, () => process.exit(exitCodes[again]))
      })
    }
  })

const greet = ({ api, gateway, dataDir }: RunningServer, console: Console): void => {
  const token = adminTokenFile(dataDir)
  const parts = [
    `muster-server ${programVersion}`,
    `API ${api.url}`,
    ...(gateway === null ? [] : [`gateway ${gateway.url}`]),
    `data ${dataDir}`,
    ...(existsSync(token) ? [`operator token in ${token}`] : []),
  ]
  console.say(parts.join(' · '))
}

export const run: RunCommand = async ({ server, log, console }) => {
  const signal = waitForSignal()
  const isOpen = chooseOperatorAuth(server.env, server.settings.api.host).kind === 'disabled'
  const dashboard = readDashboard({ isOpen })
  const running = await startServer({ server, log, dashboard })
  const { api, gateway } = running
  log.info('server started', { version: programVersion, 'database.engine': server.settings.db.engine })
  for (const listener of [api, gateway]) {
    if (listener !== null) log.info('listening', { 'listen.address': listener.host, 'listen.port': listener.port })
  }
  if (dashboard === null) log.warn('dashboard not built: npm run up builds it; the API works without')
  if (console.isTerminal) greet(running, console)
  log.info('server stopping', { 'process.signal': await signal })
  await running.close()
  log.info('server stopped')
  return 0
}
