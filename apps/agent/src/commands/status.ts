// `muster-agent status`: who this device is, how its surfaces are, and what waits; read beside a running agent.
// Everything shown was written down by the lane; nothing is asked of the server.
import { toIso } from '@muster/kernel'
import { isFolderInUse } from '../folder/data-folder.ts'
import { type Database, openForReading } from '../lanes/observe/database/open.ts'
import { type Enrollment, readEnrollment } from '../lanes/observe/enroll/enrollment.ts'
import { createFeedStore } from '../lanes/observe/feed/store.ts'
import { laneDatabase } from '../lanes/observe/lane.ts'
import { readNote } from '../lanes/observe/notes.ts'
import { createOutboxStore } from '../lanes/observe/outbox/store.ts'
import { readKeptPolicy } from '../lanes/observe/policy/policy.ts'
import type { SurfaceHealth } from '../lanes/observe/scan/health.ts'
import { createScanStore } from '../lanes/observe/scan/store.ts'
import { tame } from '../program/tame.ts'
import { agentVersion } from '../program/version.ts'
import type { CommandContext } from './context.ts'

const isoOrNull = (atMs: number | null): string | null => (atMs === null ? null : toIso(atMs))

const surfaceOf = (health: SurfaceHealth, staleAfterSeconds: number, nowMs: number) => {
  const isStale = health.succeededMs === null || nowMs > health.succeededMs + staleAfterSeconds * 1000
  return {
    surface: health.surface,
    state: health.state === 'healthy' && isStale ? 'stale' : health.state,
    itemCount: health.itemCount,
    issueCount: health.issueCount,
    lastScanAt: isoOrNull(health.completedMs),
    lastSuccessAt: isoOrNull(health.succeededMs),
    durationMs: health.durationMs,
    lastFailure: health.lastFailure,
    lastWatchIssue: health.lastWatchIssue,
    lastWatchIssueAt: isoOrNull(health.lastWatchIssueMs),
    watchPathCount: health.watchPathCount,
    lastScan: {
      events: health.eventCount,
      findings: health.findingCount,
      added: health.addedCount,
      modified: health.modifiedCount,
      removed: health.removedCount,
    },
  }
}

const nothingYet = {
  surfaces: [],
  findings: {},
  outbox: null,
  lastContactAt: null,
  lastFault: null,
  policyFault: null,
  configurationFault: null,
}

const readLane = (db: Database | null, enrollment: Enrollment | null, staleAfterSeconds: number) => {
  if (db === null) return nothingYet
  const outbox = createOutboxStore(db)
  const contact = readNote(db, 'sync.last_contact_ms')
  const waiting = enrollment === null ? { events: 0, bytes: 0 } : outbox.backlog(enrollment.deviceId)
  const nowMs = Date.now()
  return {
    surfaces: createScanStore(db)
      .health()
      .map((health) => surfaceOf(health, staleAfterSeconds, nowMs)),
    findings: createFeedStore(db).countBySeverity(),
    outbox: {
      waitingEvents: waiting.events,
      waitingBytes: waiting.bytes,
      rejectedEvents: outbox.poisonCount(),
      lastDeliveredAt: isoOrNull(outbox.lastAckedMs()),
    },
    lastContactAt: contact === null ? null : toIso(Number(contact)),
    lastFault: readNote(db, 'sync.last_fault'),
    policyFault: readNote(db, 'policy.fault'),
    configurationFault: readNote(db, 'configuration.fault'),
  }
}

const readStatus = ({ configuration }: CommandContext) => {
  const { dataDir, server, observe } = configuration
  const enrollment = readEnrollment(dataDir)
  const db = openForReading(laneDatabase(dataDir))
  try {
    return {
      version: agentVersion,
      isRunning: isFolderInUse(dataDir),
      server,
      deviceId: enrollment?.deviceId ?? null,
      tenantId: enrollment?.tenantId ?? null,
      enrolledAt: enrollment?.enrolledAt ?? null,
      certificateExpiresAt: enrollment?.certificateExpiresAt ?? null,
      policyGeneration: enrollment === null ? null : (readKeptPolicy(dataDir)?.generation ?? null),
      ...readLane(db, enrollment, observe.watch.maxFreshScanAgeSeconds),
    }
  } finally {
    db?.close()
  }
}

type Status = ReturnType<typeof readStatus>

/** The first that holds (sensor-agent 11.8). */
const syncState = ({ server, deviceId, outbox }: Status): string => {
  if (server === null) return 'off'
  if (deviceId === null) return 'not enrolled'
  if ((outbox?.rejectedEvents ?? 0) > 0) return 'failing'
  if ((outbox?.waitingEvents ?? 0) > 0) return 'syncing'
  return (outbox?.lastDeliveredAt ?? null) === null ? 'never synced' : 'up to date'
}

/** Worst first, because that is what somebody has to look at (sensor-agent 13). */
const worst = ['critical', 'suspicious', 'notable', 'info']

const findingsShown = (findings: Readonly<Record<string, number>>): string | null => {
  const said = worst.flatMap((severity) => (findings[severity] ? [`${findings[severity]} ${severity}`] : []))
  return said.length === 0 ? null : said.join(', ')
}

/** The first that holds (sensor-agent 13). */
const verdictOf = ({ surfaces, findings }: Status): string => {
  if (surfaces.length === 0 || surfaces.some(({ state }) => state === 'idle')) return 'starting'
  const degraded = surfaces.filter(({ state }) => state === 'degraded')
  if (degraded.length > 0) return `degraded: ${degraded.map(({ surface }) => surface).join(', ')}`
  const said = findingsShown(findings)
  return said === null ? 'all clear' : `findings: ${said}`
}

const rows = (status: Status): readonly (readonly [string, string | null])[] => [
  ['agent', `${status.version}, ${status.isRunning ? 'running' : 'not running'}`],
  ['verdict', verdictOf(status)],
  ['configuration', status.configurationFault],
  ['server', status.server ?? 'none'],
  ['device', status.deviceId === null ? 'not enrolled' : `${status.deviceId} in tenant ${status.tenantId}`],
  ['certificate', status.certificateExpiresAt === null ? null : `expires ${status.certificateExpiresAt}`],
  ['policy', status.policyGeneration],
  ['policy fault', status.policyFault],
  ['sync', syncState(status)],
  [
    'waiting',
    status.outbox === null ? null : `${status.outbox.waitingEvents} events, ${status.outbox.waitingBytes} bytes`,
  ],
  [
    'rejected',
    status.outbox === null || status.outbox.rejectedEvents === 0 ? null : `${status.outbox.rejectedEvents} events`,
  ],
  ['last contact', status.lastContactAt],
  ['last fault', status.lastFault],
  ...status.surfaces.map(
    ({ surface, state, itemCount, lastScanAt, lastFailure, lastWatchIssue }) =>
      [
        surface,
        [
          `${state}, ${itemCount} items, scanned ${lastScanAt ?? 'never'}`,
          ...(lastFailure === null ? [] : [lastFailure]),
          ...(lastWatchIssue === null || state !== 'degraded' ? [] : [lastWatchIssue]),
        ].join('; '),
      ] as const,
  ),
]

export const status = async (context: CommandContext): Promise<void> => {
  const read = readStatus(context)
  if (context.arguments.json)
    context.print(`${JSON.stringify({ verdict: verdictOf(read), sync: syncState(read), ...read }, null, 2)}\n`)
  else
    for (const [name, text] of rows(read)) if (text !== null) context.print(`${tame(`${name.padEnd(20)} ${text}`)}\n`)
}
