// An agent and its server as processes: the agent's data lie on a disk of the test's choosing, everything else is well.
// What becomes of the disk is small-disk.ts; what must be left is the test's.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { decodePayload } from '@muster/contract/device'
import type { Dice } from './dice.ts'
import { readDataFolder, type StoredEvent } from './facts.ts'
import { createOperator } from './operator.ts'
import { attend, endpointOf, findAddress, launch, ownerOf, type Program, readAuthority } from './program.ts'

const root = join(import.meta.dirname, '..', '..')
const main = join(root, 'apps', 'agent', 'src', 'main.ts')
const leash = pathToFileURL(join(root, 'scripts', 'leash.ts')).href

export interface AgentGround {
  /** Resolves when the agent has scanned everything once. */
  start(): Promise<Program>
  /** Makes a project whose lockfile names so many packages, none of which any other names. */
  install(project: string, packages: number): void
  /** What lies at the server by now, as `sequence name`, in the order of its numbers. */
  told(): Promise<readonly string[]>
  /** Looks until the server has so many events, or there is no use in waiting any more. */
  untilTold(count: number, isVain?: () => boolean): Promise<void>
  /** How many devices the server knows. */
  devices(): Promise<number>
}

const otherTools = ['homebrew', 'claude', 'claudeDesktop', 'codex', 'cursor', 'opencode', 'pi', 'vscode']
const otherPackages = ['python', 'go', 'cargo', 'debian', 'rpm', 'npmGlobal']
const off = Object.fromEntries([...otherTools, ...otherPackages].map((section) => [section, { enabled: false }]))

const nameIn = ({ payload }: StoredEvent): string => {
  const read = decodePayload(payload)
  if (!read.ok) throw new Error('the server holds what is no payload')
  return read.value.body === 'finding' ? `finding ${read.value.finding.itemId}` : read.value.item.name
}

const lockOf = (project: string, packages: number): string => {
  const names = Array.from({ length: packages }, (_, at) => [`node_modules/${project}-${at}`, { version: '1.0.0' }])
  return JSON.stringify({ lockfileVersion: 3, packages: Object.fromEntries(names) })
}

const patienceMs = 60_000

/** Everything opened is closed with the stack, the latest first. */
export const openAgentGround = async (
  stack: AsyncDisposableStack,
  dataDir: string,
  dice: Dice,
): Promise<AgentGround> => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-agent-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const file = (name: string): string => join(folder, name)
  const address = await findAddress(dice)
  const server = launch(file('server'), address)
  stack.defer(() => server.kill())
  await server.started
  const owner = ownerOf(file('server'), address)
  stack.defer(() => owner.close())
  const asked = await createOperator(owner, dice).askToken('agent')
  if (typeof asked === 'string') throw new Error(`no token: ${asked}`)
  writeFileSync(file('ca.pem'), await readAuthority(address))
  const watch = { projectRoots: [file('projects')], pollIntervalSeconds: 1 }
  const sync = { checkInIntervalSeconds: 1, retryBaseSeconds: 1, retryMaxSeconds: 2 }
  const settings = { dataDir, planes: ['observe'], observe: { ...off, rules: [], watch, sync } }
  const access = { server: endpointOf(address), serverCA: file('ca.pem'), enrollmentToken: asked.token }
  writeFileSync(file('agent.yaml'), JSON.stringify({ ...settings, ...access }))

  const readDevices = async () => (await readDataFolder(file('server'))).devices
  const told = async (): Promise<readonly string[]> => {
    const events = (await readDevices()).flatMap((device) => device.events)
    return events
      .toSorted((left, right) => left.sequence - right.sequence)
      .map((event) => `${event.sequence} ${nameIn(event)}`)
  }
  /** How many events that is, for whoever asks again and again. */
  const stored = (): number => {
    const db = new DatabaseSync(join(file('server'), 'muster.db'), { readOnly: true })
    try {
      return Number(db.prepare('select sum(event_count) as count from observe_event_pack').get()?.['count'])
    } finally {
      db.close()
    }
  }
  return {
    told,
    devices: async () => (await readDevices()).length,
    async start() {
      const words = ['--import', leash, main, 'run', '--config', file('agent.yaml')]
      const env = { PATH: process.env['PATH'] ?? '', HOME: folder }
      const program = attend(
        spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }),
        'ready"',
      )
      stack.defer(() => program.kill())
      await program.started
      return program
    },
    install(project, packages) {
      mkdirSync(join(file('projects'), project), { recursive: true })
      writeFileSync(join(file('projects'), project, 'package-lock.json'), lockOf(project, packages))
    },
    async untilTold(count, isVain = () => false) {
      const deadline = AbortSignal.timeout(patienceMs)
      for (let seen = stored(); seen < count && !isVain(); seen = stored()) {
        if (deadline.aborted) throw new Error(`of ${count} events the server has ${seen}`)
        await wait(50)
      }
    },
  }
}
