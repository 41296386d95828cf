// `muster-agent explain`: what this agent reads, what it has sent and what it would send, for whoever lives with it.
// It opens none of the files it names, and asks nothing of the server.
import { existsSync } from 'node:fs'
import { decodePayload } from '@muster/contract/inventory'
import { toIso } from '@muster/kernel'
import { ownerCeiling } from '../configuration/ceiling.ts'
import type { Interest } from '../lanes/observe/collect/snapshot.ts'
import { createCollectors } from '../lanes/observe/collectors.ts'
import { openForReading } from '../lanes/observe/database/open.ts'
import { laneDatabase } from '../lanes/observe/lane-database.ts'
import { createOutboxStore, type OutboxShare, type QueuedEvent } from '../lanes/observe/outbox/store.ts'
import { createPolicy } from '../lanes/observe/policy/policy.ts'
import { quietLog } from '../program/agent-log.ts'
import { tame } from '../program/tame.ts'
import type { CommandContext } from './context.ts'

const samples = 10

const reachOf = ({ extent, maxDepth }: Interest): string => {
  if (extent === 'file') return 'this file or folder'
  return maxDepth === undefined ? 'known files below' : `known files to ${maxDepth} folders below`
}

const placesOf = (interests: readonly Interest[]) => {
  const byPlace = new Map(interests.map((interest) => [`${interest.path}\n${reachOf(interest)}`, interest]))
  return [...byPlace.values()].map((interest) => ({
    path: interest.path,
    reads: reachOf(interest),
    isThere: existsSync(interest.path),
  }))
}

const eventShown = ({ payloadBase64, kind, observedMs, surface }: QueuedEvent) => {
  const read = decodePayload(Buffer.from(payloadBase64, 'base64'))
  const what = !read.ok
    ? { body: 'unreadable', name: '', path: '' }
    : read.value.body === 'finding'
      ? {
          body: 'finding',
          name: `${read.value.finding.ruleId} on ${read.value.finding.itemName}`,
          path: read.value.finding.evidence.path,
        }
      : {
          body: 'item',
          name: `${read.value.item.name} ${read.value.item.version ?? ''}`.trim(),
          path: read.value.item.path,
        }
  return { surface, kind, ...what, at: toIso(observedMs) }
}

const outboxOf = (path: string) => {
  const db = openForReading(path)
  if (db === null) return { shares: [] as readonly OutboxShare[], sent: [], waiting: [], rejected: [] }
  try {
    const outbox = createOutboxStore(db)
    return {
      shares: outbox.shares(),
      sent: outbox.newest('acked', samples).map(eventShown),
      waiting: outbox.newest('pending', samples).map(eventShown),
      rejected: outbox.rejections(samples),
    }
  } finally {
    db.close()
  }
}

/** Collected for this answer; nothing is sent. Null where the owner does not run that plane. */
const factsOf = async ({ configuration, machine }: CommandContext) => {
  if (!configuration.planes.includes('telemetry')) return null
  const { createOwnCollector } = await import('../lanes/telemetry/lane.ts')
  const collect = await createOwnCollector({ configuration, machine })
  const { facts, errors } = await collect()
  return { facts, errors }
}

const readAll = async (context: CommandContext) => {
  const { configuration } = context
  const { dataDir, observe: local, server } = configuration
  const policy = createPolicy({ dataDir, local, log: quietLog })
  const { settings, refusedRoots } = policy.effective()
  return {
    server,
    reads: createCollectors(() => settings).map(({ surface, interests }) => ({
      surface,
      places: placesOf(interests?.() ?? []),
    })),
    ceiling: ownerCeiling(configuration, settings),
    policy: { generation: policy.generation() || null, refusedRoots, rules: settings.rules.length },
    ...outboxOf(laneDatabase(dataDir)),
    telemetry: await factsOf(context),
  }
}

type Explained = Awaited<ReturnType<typeof readAll>>

const never = [
  'never read: values of env, headers, oauth and tokens of MCP servers; anything else of yours outside the places above',
  'never done: running a tool it finds, opening a network connection to anything but the server, changing a file it reads',
]

const ofMachine = ['of the machine itself: its name, system, version and model']
const forTelemetry = [
  'of the machine once, to know it again: its id or serial number, of which only a digest leaves',
  'of the machine each minute: what stands under TELEMETRY; on macOS and Windows its own tools are asked',
]

/** Beside what was found, where there is a server. */
const toldAsWell = [
  'at enrolment: a public key, the name, system, version and model of the machine, the version of this agent',
  'at each check-in: the versions of system and agent, the policy in force, how much waits to be sent',
]

const readLines = (all: Explained): readonly string[] => [
  'READS',
  ...all.reads.flatMap(({ surface, places }) => [
    `  ${surface}`,
    ...places.map(({ path, reads: how, isThere }) => `    ${isThere ? ' ' : '-'} ${path}  (${how})`),
  ]),
  `  projects only below: ${all.ceiling.scanRoots.join(', ')}`,
  ...[...ofMachine, ...(all.telemetry === null ? [] : forTelemetry), ...never].map((line) => `  ${line}`),
]

const ceilingLines = ({ ceiling }: Explained): readonly string[] => [
  '',
  'CEILING, which no server can raise',
  `  planes that may run: ${ceiling.planes.join(', ')}`,
  '  jobs: never; this agent has nothing to run one with',
]

const shareLines = (shares: readonly OutboxShare[], state: OutboxShare['state']): readonly string[] =>
  shares
    .filter((share) => share.state === state)
    .map(
      ({ surface, body, events, bytes }) =>
        `  ${surface}: ${events} ${body === 'finding' ? 'findings' : 'items'}, ${bytes} bytes`,
    )

const eventLines = (events: Explained['sent']): readonly string[] =>
  events.map(({ at, kind, surface, body, name, path }) => `    ${at} ${kind} ${surface} ${body} ${name}  ${path}`)

const orNothing = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? ['  nothing'] : lines)

const factLines = ({ telemetry }: Explained): readonly string[] =>
  telemetry === null
    ? []
    : [
        '',
        'TELEMETRY, all of it, about once a minute',
        ...Object.entries(telemetry.facts).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
        ...telemetry.errors.map(({ fact, code }) => `  ! ${fact}: ${code}`),
      ]

const shown = (all: Explained): readonly string[] => [
  ...readLines(all),
  '',
  `SENT to ${all.server ?? 'nobody: no server is configured'} (of the last seven days)`,
  ...(all.server === null ? [] : toldAsWell.map((line) => `  ${line}`)),
  ...orNothing([...shareLines(all.shares, 'acked'), ...eventLines(all.sent)]),
  '',
  'WOULD BE SENT',
  ...orNothing([
    ...shareLines(all.shares, 'in_flight'),
    ...shareLines(all.shares, 'pending'),
    ...eventLines(all.waiting),
  ]),
  ...(all.rejected.length === 0 ? [] : ['', 'REJECTED by the server']),
  ...all.rejected.map(({ code, message }) => `  ${code}: ${message}`),
  '',
  `POLICY ${all.policy.generation ?? 'none; only this machine decides'}, ${all.policy.rules} rules`,
  ...all.policy.refusedRoots.map((root) => `  not opened although the policy names it: ${root}`),
  ...ceilingLines(all),
  ...factLines(all),
]

export const explain = async (context: CommandContext): Promise<void> => {
  const all = await readAll(context)
  if (context.arguments.json) context.print(`${JSON.stringify(all, null, 2)}\n`)
  else for (const line of shown(all)) context.print(`${tame(line)}\n`)
}
