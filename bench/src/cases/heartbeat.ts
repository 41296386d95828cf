// Heartbeats on kept mTLS connections beside an empty handler, what each costs the processor, and what it writes to disk.
// The body is that of a real machine (telemetry 10.2); every agent sent one before, as all but the first ever are.
import { randomUUID } from 'node:crypto'
import { startHandler } from '../bare/bare.ts'
import { readCredentials } from '../bare/listener-options.ts'
import { type InventedAgent, inventAgents } from '../fleet/agents.ts'
import { type Measured, ratesOf, saturate } from '../harness/measure.ts'
import type { Server, Target } from '../harness/server.ts'
import type { Row } from '../report/row.ts'
import { type Connection, openConnections, type Reply } from '../wire/connection.ts'
import { postRequest } from '../wire/request.ts'
import { askOnce } from './check-in.ts'
import type { Ground } from './ground.ts'

const facts = {
  agent_version: '0.1.0',
  hostname: 'build-07',
  os_family: 'linux',
  os_version: 'Ubuntu 24.04.2 LTS',
  cpu_count: 8,
  memory_total_bytes: 16_777_216_000,
  network_interfaces: [
    { name: 'eth0', mac_address: '02:42:ac:11:00:02', ip_addresses: ['10.0.0.7', 'fe80::42:acff:fe11:2'] },
  ],
}

let made = 0

const heartbeatRequest = ({ agentId, token }: InventedAgent): Buffer => {
  made += 1
  const body = JSON.stringify({
    heartbeat_id: randomUUID(),
    observed_at: new Date().toISOString(),
    ...facts,
    uptime_seconds: made,
    cpu_usage_percent: (made % 1000) / 10,
    memory_used_bytes: 6_442_450_944 + made * 4096,
    disks: [{ mount: '/', total_bytes: 512_110_190_592, used_bytes: 201_863_462_912 + made * 512 }],
    process_count: 200 + (made % 64),
  })
  return postRequest(`/api/v1/agents/${agentId}/telemetry/heartbeat`, body, [`Authorization: Bearer ${token}`])
}

const accepted = ({ status, body }: Reply): void => {
  if (status !== 202 && status !== 200) throw new Error(`answered ${status}: ${body.toString()}`)
}

/** Each connection speaks for its share of the agents, one after the other. */
const createTurns = (agents: readonly InventedAgent[], connections: number) => {
  const turns = new Array<number>(connections).fill(0)
  const share = Math.floor(agents.length / connections)
  return (connection: number): InventedAgent => {
    const turn = turns[connection] ?? 0
    turns[connection] = turn + 1
    return agents[connection * share + (turn % share)] as InventedAgent
  }
}

const open = (target: Target, agents: readonly InventedAgent[], count: number): Promise<readonly Connection[]> =>
  openConnections(
    target,
    agents.slice(0, count).map(({ papers }) => papers),
  )

/** The first heartbeat of each is met: it makes the agent active and describes the machine. */
const introduce = async (server: Server, agents: readonly InventedAgent[], count: number): Promise<void> => {
  const connections = await open(server, agents, count)
  await Promise.all(
    connections.map(async (connection, index) => {
      for (let at = index; at < agents.length; at += count)
        accepted(await askOnce(connection, heartbeatRequest(agents[at] as InventedAgent)))
    }),
  )
  for (const connection of connections) connection.close()
}

interface Beaten extends Measured {
  readonly writtenBytes: number
}

const beat = async (
  ground: Ground,
  target: Target,
  agents: readonly InventedAgent[],
  count: number,
): Promise<Beaten> => {
  const connections = await open(target, agents, count)
  const agentOf = createTurns(agents, count)
  const fromBytes = target.writtenBytes()
  let sent = 0
  const next = (index: number): Buffer => {
    sent += 1
    return heartbeatRequest(agentOf(index))
  }
  const measured = await saturate(target, connections, { next, check: (_, reply) => accepted(reply) }, ground.scale)
  for (const connection of connections) connection.close()
  return { ...measured, writtenBytes: (target.writtenBytes() - fromBytes) / sent }
}

export const runHeartbeat = async (ground: Ground): Promise<readonly Row[]> => {
  const { checkInConnections: count, heartbeatAgents } = ground.scale
  const { server, finish } = await ground.serve(ground.scratch.fresh('heartbeat'))
  ground.tell(`letting in ${heartbeatAgents} agents`)
  const agents = await inventAgents(server, heartbeatAgents)
  await introduce(server, agents, count)
  const [probe] = (await open(server, agents, 1)) as readonly [Connection]
  const replyText = (await askOnce(probe, heartbeatRequest(agents[0] as InventedAgent))).body.toString()
  probe.close()
  const real = await beat(ground, server, agents, count)
  await finish(real.window)
  const handler = await startHandler({ credentials: readCredentials(server.dataDir, server.ca), replyText })
  const bare = await beat(ground, handler, agents, count)
  await handler.stop()
  const [mine, most] = [ratesOf(real.requests, real), ratesOf(bare.requests, bare)]
  const common = { case: 'heartbeat', bars: [], notes: [] }
  return [
    {
      ...common,
      what: 'heartbeat on kept mTLS connections',
      unit: '/s',
      measured: mine.perCpuSecond,
      onTheClock: mine.perSecond,
      ceiling: { what: 'bare mTLS handler', value: most.perCpuSecond, onTheClock: most.perSecond },
      bars: [{ of: 'ratio', atLeast: 0.5 }],
      notes: [`${count} connections, ${heartbeatAgents} agents, p99 ${real.p99Ms.toFixed(1)} ms`],
    },
    {
      ...common,
      what: '… of a core, for 100 000 agents at 60 s',
      unit: '%',
      measured: (100_000 / 60 / mine.perCpuSecond) * 100,
      bars: [{ of: 'measured', atMost: 25 }],
      notes: ['from the processor time of the row above'],
    },
    {
      ...common,
      what: '… written to disk for each',
      unit: 'B',
      measured: real.writtenBytes,
      bars: [{ of: 'measured', atMost: 2048 }],
      notes: ['log and checkpoints, as the kernel counts the bytes of the process'],
    },
  ]
}
