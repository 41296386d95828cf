// The agent's footprint: ready, first scan, a scan after an edit, and at rest, on an invented home, bundled as shipped.
// How much a home holds is the scale's; the ceilings are a plain `find` over the same tree and a bare Node.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { timeFind, timeNode } from '../bare/find.ts'
import { issueToken } from '../fleet/fleet.ts'
import { type Agent, type AgentWishes, bundleAgentTo, runAgent, startAgent } from '../harness/agent.ts'
import { cpuSeconds, memoryOf, watchPeak } from '../harness/usage.ts'
import { generateHome, type Home } from '../home/generate.ts'
import type { Row } from '../report/row.ts'
import { percentile } from '../wire/latency.ts'
import type { Ground, Served } from './ground.ts'

const starts = 7
const edits = 5
/** Longer than the agent waits before it tidies up, and than a file must rest before its stamp is trusted. */
const settleMs = 5_000
/** An agent sends twenty batches at a time, and a large home takes many times. */
const sentWithinMs = 3_600_000

const homes = new WeakMap<Ground, Promise<{ readonly home: Home; readonly bundle: string }>>()

/** One home and one bundle for all cases of a run. */
const prepare = (ground: Ground) => {
  const { scratch, scale, tell } = ground
  const made =
    homes.get(ground) ??
    (async () => {
      tell(`making a home of ${scale.home.lockfiles} lockfiles`)
      return {
        home: generateHome(scratch.fresh('home'), scale.home),
        bundle: await bundleAgentTo(`${scratch.fresh('agent')}.mjs`),
      }
    })()
  homes.set(ground, made)
  return made
}

const isReady = ({ msg }: { readonly msg: string }): boolean => msg === 'agent ready'

const megabytes = (bytes: number): number => bytes / 1e6

const sizeOf = ({ lockfiles, packages, bytes }: Home): string =>
  `${lockfiles} lockfiles, ${packages} packages, ${megabytes(bytes).toFixed(0)} MB`

/** Only what is in the home, because what else is on this machine is not on the next; and only the lane that looks there. */
const onlyHome =
  '  debian: { enabled: false }\n  rpm: { enabled: false }\n  npmGlobal: { enabled: false }\nplanes: [observe]\n'

/** Both figures of a start count: the first ever, and every later one, when the data folder is there. */
export const runAgentReady = async (ground: Ground): Promise<readonly Row[]> => {
  const { bundle } = await prepare(ground)
  const [home, dataDir] = [ground.scratch.fresh('empty'), ground.scratch.fresh('data')]
  const times: number[] = []
  for (let no = 0; no < starts; no++) {
    const agent = startAgent({ bundle, home, dataDir, more: onlyHome })
    times.push((await agent.logged(isReady)).heardMs - agent.startedMs)
    await agent.stop()
  }
  const [first = Number.NaN, ...later] = times
  return [
    {
      case: 'agent-ready',
      what: 'agent ready: started, home without projects scanned and watched',
      unit: ' ms',
      measured: percentile(later, 0.5),
      ceiling: { what: 'a Node that does nothing', value: timeNode() },
      bars: [{ of: 'measured', atMost: 300 }],
      notes: [`median of ${later.length}; the first start ever ${first.toFixed(0)} ms`],
    },
  ]
}

const scanFirst = async (ground: Ground, wishes: AgentWishes, what: string, home: Home): Promise<readonly Row[]> => {
  ground.tell(what)
  const agent = startAgent(wishes)
  const peak = watchPeak(agent.pid)
  const { heardMs } = await agent.logged(isReady)
  const peakBytes = peak()
  const spent = cpuSeconds(agent.pid)
  await agent.stop()
  const notes = [sizeOf(home), `${spent.toFixed(1)} s of processor time`]
  return [
    {
      case: 'agent-first-scan',
      what,
      unit: ' s',
      measured: (heardMs - agent.startedMs) / 1000,
      ceiling: { what: 'find over the same tree', value: timeFind(home.path) / 1000 },
      bars: [{ of: 'measured', atMost: 15 }],
      notes,
    },
    {
      case: 'agent-first-scan',
      what: `${what}: most memory, of all its processes`,
      unit: ' MB',
      measured: megabytes(peakBytes),
      bars: [{ of: 'measured', atMost: 150 }],
      notes: [],
    },
  ]
}

interface Joined {
  readonly wishes: AgentWishes
  readonly served: Served
}

/** An agent that has enrolled with a server of the run, and not yet scanned. */
const enrollAgent = async (ground: Ground, bundle: string, home: string): Promise<Joined> => {
  const served = await ground.open(0)
  const { server } = served
  const caFile = ground.scratch.fresh('ca.pem')
  writeFileSync(caFile, server.ca)
  const token = await issueToken(server, 1)
  const belongs = `server: https://127.0.0.1:${server.port}\nserverCA: ${caFile}\n`
  const wishes = { bundle, home, dataDir: ground.scratch.fresh('data') }
  await runAgent({ ...wishes, more: `${onlyHome}${belongs}enrollmentToken: ${token}\n` }, 'enroll')
  return { served, wishes: { ...wishes, more: `${onlyHome}${belongs}` } }
}

export const runAgentFirstScan = async (ground: Ground): Promise<readonly Row[]> => {
  const { home, bundle } = await prepare(ground)
  const alone = { bundle, home: home.path, dataDir: ground.scratch.fresh('data'), more: onlyHome }
  const rows = await scanFirst(ground, alone, 'first scan, no server', home)
  // The server is gone by then: all that it would be told is in the outbox, and nothing has left it.
  const { served, wishes } = await enrollAgent(ground, bundle, home.path)
  await served.finish()
  return [...rows, ...(await scanFirst(ground, wishes, 'first scan, every package queued for a server', home))]
}

/** Another version of one package, as an upgrade would leave it. */
const edit = (lockfile: string, no: number): void => {
  const document = JSON.parse(readFileSync(lockfile, 'utf8')) as { packages: Record<string, { version: string }> }
  const [, entry] = Object.entries(document.packages)[1] ?? []
  if (entry !== undefined) entry.version = `99.0.${no}`
  writeFileSync(lockfile, `${JSON.stringify(document, null, 2)}\n`)
}

const scanAfterEdit = async (agent: Agent, lockfile: string, no: number) => {
  await wait(settleMs)
  const editedMs = performance.now()
  edit(lockfile, no)
  const line = await agent.logged(
    ({ msg, surface, heardMs }) => msg === 'surface scanned' && surface === 'javascriptPackages' && heardMs > editedMs,
  )
  return { scanMs: line['duration.ms'] ?? Number.NaN, heardMs: line.heardMs - editedMs }
}

export const runAgentIncremental = async (ground: Ground): Promise<readonly Row[]> => {
  const { home, bundle } = await prepare(ground)
  ground.tell('scanning, then editing')
  const agent = startAgent({ bundle, home: home.path, dataDir: ground.scratch.fresh('data'), more: onlyHome })
  await agent.logged(isReady)
  const scans: { readonly scanMs: number; readonly heardMs: number }[] = []
  for (let no = 0; no < edits; no++) scans.push(await scanAfterEdit(agent, home.npmLockfile, no))
  await agent.stop()
  return [
    {
      case: 'agent-incremental',
      what: 'scan after one edit',
      unit: ' ms',
      measured: percentile(
        scans.map(({ scanMs }) => scanMs),
        0.5,
      ),
      ceiling: { what: 'find over the same tree', value: timeFind(home.path) },
      bars: [{ of: 'measured', atMost: 300 }],
      notes: [
        `median of ${edits} edits of one of ${sizeOf(home)}`,
        `told ${percentile(
          scans.map(({ heardMs }) => heardMs),
          0.5,
        ).toFixed(0)} ms after the edit, 800 of them waiting for quiet`,
      ],
    },
  ]
}

const waitUntilSent = async (dataDir: string): Promise<void> => {
  const db = new DatabaseSync(join(dataDir, 'observe.db'), { readOnly: true, timeout: 10_000 })
  const waiting = db.prepare(`select count(*) as events from outbox_event where state in ('pending', 'in_flight')`)
  const deadlineMs = performance.now() + sentWithinMs
  try {
    while (Number(waiting.get()?.['events']) > 0) {
      if (performance.now() > deadlineMs) throw new Error('the agent did not send what it had found')
      await wait(1000)
    }
  } finally {
    db.close()
  }
}

export const runAgentIdle = async (ground: Ground): Promise<readonly Row[]> => {
  const { bundle } = await prepare(ground)
  const home = generateHome(ground.scratch.fresh('home'), ground.scale.restingHome)
  const { served, wishes } = await enrollAgent(ground, bundle, home.path)
  const agent = startAgent(wishes)
  ground.tell('scanning and sending')
  await agent.logged(isReady)
  await waitUntilSent(wishes.dataDir)
  await wait(settleMs)
  const { agentIdleSeconds: seconds } = ground.scale
  ground.tell(`resting for ${seconds} s`)
  const [cpuFrom, fromMs] = [cpuSeconds(agent.pid), performance.now()]
  await wait(seconds * 1000)
  const percent = ((cpuSeconds(agent.pid) - cpuFrom) / ((performance.now() - fromMs) / 1000)) * 100
  const { residentBytes, privateBytes } = memoryOf(agent.pid)
  await agent.stop()
  await served.finish()
  const row = { case: 'agent-idle', notes: [] } as const
  const asked = `${sizeOf(home)}, all of it sent, checking in every minute`
  return [
    {
      ...row,
      what: 'agent at rest, resident',
      unit: ' MB',
      measured: megabytes(residentBytes),
      bars: [{ of: 'measured', atMost: 80 }],
      notes: [asked],
    },
    {
      ...row,
      what: 'agent at rest, private',
      unit: ' MB',
      measured: megabytes(privateBytes),
      bars: [{ of: 'measured', atMost: 25 }],
    },
    {
      ...row,
      what: `agent at rest, of a core over ${seconds} s`,
      unit: ' %',
      measured: percent,
      bars: [{ of: 'measured', atMost: 0.2 }],
    },
  ]
}
