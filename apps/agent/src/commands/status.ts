// `muster-agent status`: who this device is, how its surfaces are, and what waits; read beside a running agent.
// Everything shown was written down by the lane; nothing is asked of the server.
import { silentLog, toIso } from '@muster/kernel'
import { ownerCeiling } from '../configuration/ceiling.ts'
import { isFolderInUse } from '../folder/data-folder.ts'
import { type Database, openForReading } from '../lanes/observe/database/open.ts'
import { type Enrollment, readEnrollment } from '../lanes/observe/enroll/enrollment.ts'
import { createFeedStore } from '../lanes/observe/feed/store.ts'
import { laneDatabase } from '../lanes/observe/lane-database.ts'
import { readNote } from '../lanes/observe/notes.ts'
import { createOutboxStore } from '../lanes/observe/outbox/store.ts'
import { createPolicy, readKeptPolicy } from '../lanes/observe/policy/policy.ts'
import type { SurfaceHealth } from '../lanes/observe/scan/health.ts'
import { createScanStore } from '../lanes/observe/scan/store.ts'
import { readTelemetryState } from '../lanes/telemetry/state.ts'
import { tame } from '../program/tame.ts'
import { agentVersion } from '../program/version.ts'
import { shownState, syncState, telemetryShown, verdictOf } from '../status/decide.ts'
import type { CommandContext } from './context.ts'

const isoOrNull = (atMs: number | null): string | null => (atMs === null ? null : toIso(atMs))

const surfaceOf = (health: SurfaceHealth, staleAfterSeconds: number, nowMs: number) => ({
  surface: health.surface,
  state: shownState(health, staleAfterSeconds, nowMs),
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
})

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
  const { dataDir, server, observe, planes } = configuration
  const enrollment = readEnrollment(dataDir)
  const db = openForReading(laneDatabase(dataDir))
  const policy = createPolicy({ dataDir, local: observe, log: silentLog })
  try {
    // One moment for all that is read: beside an agent that scans, counts and lists would not fit each other.
    db?.exec('begin')
    return {
      version: agentVersion,
      isRunning: isFolderInUse(dataDir),
      server,
      deviceId: enrollment?.deviceId ?? null,
      tenantId: enrollment?.tenantId ?? null,
      enrolledAt: enrollment?.enrolledAt ?? null,
      certificateExpiresAt: enrollment?.certificateExpiresAt ?? null,
      policyGeneration: enrollment === null ? null : (readKeptPolicy(dataDir)?.generation ?? null),
      ...readLane(db, enrollment, policy.effective().settings.watch.maxFreshScanAgeSeconds),
      planes,
      ceiling: ownerCeiling(configuration, observe),
      telemetry: readTelemetryState(dataDir),
    }
  } finally {
    db?.close()
  }
}

type Status = ReturnType<typeof readStatus>

/** What no server can raise. */
const ceilingShown = ({ ceiling }: Status): string =>
  `${ceiling.planes.join(' and ')}; no jobs; projects below ${ceiling.scanRoots.join(', ') || 'nothing'}`

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
  ['ceiling', ceilingShown(status)],
  ['telemetry', status.planes.includes('telemetry') ? telemetryShown(status.telemetry) : null],
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
