// An agent and a server, both the programs themselves and both to be killed, with a network between them and one scratch
// home for the machine. What happens to them is the test's; what must be left is pair-verdict.ts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createEnrollmentToken, type Device, listDevices, readDevice } from '@muster/contract'
import { type Client, call } from '@muster/http/client'
import { value } from '@muster/server/testing'
import { createTestPlace } from '@muster/storage/testing'
import type { Dice } from '../chaos/dice.ts'
import { type Address, findAddress, launch, ownerOf, type Program, readAuthority } from '../chaos/program.ts'
import { createMachine, type Machine } from './machine.ts'
import { type Network, startNetwork } from './network.ts'
import { rules } from './pair-verdict.ts'
import { type AgentProcess, agentCommand, type ProgramEnd, startAgent, until } from './programs.ts'

/** A module of `preload/`, for programs that are to see another world than this one. */
export const preload = (name: string, said = ''): string => `${import.meta.resolve(`./preload/${name}.ts`)}${said}`

export interface Wishes {
  readonly dice: Dice
  readonly engine?: 'sqlite' | 'postgres'
  /** Of the first server. */
  readonly preloads?: readonly string[]
}

export interface Pair extends Machine {
  readonly owner: Client
  readonly network: Network
  server(): Program
  /** Another server on the same data and addresses, when the former is gone. */
  startServer(): Promise<Program>
  token(more?: { readonly allowReenroll?: boolean }): Promise<string>
  run(preloads?: readonly string[]): AgentProcess
  /** Another command of the agent, which is going to be cut off. */
  begin(...words: readonly string[]): AgentProcess
  /** Another command of the agent, to its end. */
  command(...words: readonly string[]): Promise<ProgramEnd>
  devices(): Promise<readonly Device[]>
  /** The one of this id, or else the first there is; waits until there is one. */
  device(id?: string): Promise<Device>
  /** Waits until the server has confirmed everything that the agent has queued. */
  drained(): Promise<unknown>
}

const databaseOf = async (stack: AsyncDisposableStack, engine: 'sqlite' | 'postgres'): Promise<readonly string[]> => {
  if (engine === 'sqlite') return []
  const place = await createTestPlace(engine)
  stack.defer(() => place.remove())
  return ['--db', place.url]
}

const keepServer = async (stack: AsyncDisposableStack, folder: string, address: Address, wishes: Wishes) => {
  const flags = await databaseOf(stack, wishes.engine ?? 'sqlite')
  let program: Program
  const start = async (preloads: readonly string[] = []): Promise<Program> => {
    program = launch(folder, address, flags, preloads)
    await program.started
    return program
  }
  stack.defer(() => program.kill())
  await start(wishes.preloads)
  return { start, server: () => program }
}

const countWaiting = (dataDir: string): number => {
  using db = new DatabaseSync(join(dataDir, 'observe.db'), { readOnly: true, timeout: 5000 })
  const waiting = `select count(*) as count from outbox_event where state in ('pending', 'in_flight')`
  return Number(db.prepare(waiting).get()?.['count'])
}

/** Everything opened is closed with the stack, the latest first. */
export const openPair = async (stack: AsyncDisposableStack, wishes: Wishes): Promise<Pair> => {
  const home = mkdtempSync(join(tmpdir(), 'muster-pair-'))
  stack.defer(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
  const folder = join(home, 'server')
  const address = await findAddress(wishes.dice)
  const { start, server } = await keepServer(stack, folder, address, wishes)
  const network = await startNetwork(address.gatewayPort)
  stack.defer(() => network.close())
  const owner = ownerOf(folder, address)
  stack.defer(() => owner.close())
  const machine = createMachine(home, network.endpoint, { rules })
  const { configFile } = machine
  writeFileSync(join(home, 'ca.pem'), await readAuthority(address))

  const env = (preloads: readonly string[]) => ({
    HOME: home,
    NODE_OPTIONS: preloads.map((module) => `--import=${module}`).join(' '),
  })
  const keep = (agent: AgentProcess): AgentProcess => {
    stack.defer(() => agent.kill())
    return agent
  }
  const devices = async () => (await value(call(owner, listDevices, { query: {} }))).items
  const device = async (id?: string): Promise<Device> => {
    const known = id === undefined ? await until(devices, ({ length }) => length > 0) : []
    return value(call(owner, readDevice, { params: { id: id ?? known[0]?.id ?? '' } }))
  }
  const pair: Pair = {
    ...machine,
    owner,
    network,
    server,
    startServer: () => start(),
    async token(more = {}) {
      return (await value(call(owner, createEnrollmentToken, { body: { label: 'pair', ...more } }))).token
    },
    run: (preloads = []) => keep(startAgent(configFile, env(preloads))),
    begin: (...words) => keep(startAgent(configFile, env([]), words)),
    command: (...words) => agentCommand(configFile, env([]), ...words),
    devices,
    device,
    drained: () =>
      until(
        async () => countWaiting(machine.dataDir),
        (waiting) => waiting === 0,
      ),
  }
  pair.configure(await pair.token())
  return pair
}

/** The agent's own words, as the objects they are. */
export const linesOf = (agent: AgentProcess): readonly Readonly<Record<string, unknown>>[] =>
  agent
    .log()
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line))

export const readIdentity = (dataDir: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(join(dataDir, 'enrollment.json'), 'utf8'))
