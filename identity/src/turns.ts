// One turn to change what identity holds: a transaction, its audit entries, its announcements, and word to caches.
// What is changed is the feature's; reading the word is changes.ts.
import type { AuditStatement, TelemetryEventPayload, TelemetryEventType, Told } from '@muster/contract'
import { type Clock, toIso } from '@muster/kernel'
import { type Announcement, announce, bulkInsert, type Storage, serialize, type Tx } from '@muster/storage'
import type { Transaction } from 'kysely'
import { noteScanned } from './devices/scanned.ts'
import type { By } from './speakers.ts'
import type { ChangeKind, IdentityTables } from './tables.ts'

export interface AuditNote {
  readonly by: By
  readonly tenantId: string
  /** `noun.verb` in the past. */
  readonly action: string
  readonly target: AuditStatement['target']
  readonly outcome?: AuditStatement['outcome']
  /** Bounded, and never a secret. */
  readonly details?: AuditStatement['details']
}

/** A turn in the life of a device that the rooms which keep what it reported have to follow. */
export interface LifeTurn {
  readonly what: 'ended' | 'begun_again' | 'data_deletion'
  readonly tenantId: string
  readonly deviceNo: number
  readonly deviceId: string
  readonly atMs: number
  /** Until when what it reported is taken to have been so. */
  readonly throughMs: number
}

/** A turn in the life of an agent, or of a token that lets agents in: what the telemetry plane tells others of. */
export type AgentTurn = {
  [Type in TelemetryEventType]: {
    readonly type: Type
    readonly tenantId: string
    /** The agent, or the token. */
    readonly subjectId: string
    readonly requestId: string
    readonly payload: TelemetryEventPayload<Type>
    readonly atMs: number
  }
}[TelemetryEventType]

type Untimed<One> = One extends unknown ? Omit<One, 'atMs'> : never

export interface Turn {
  readonly tx: Transaction<IdentityTables>
  readonly nowMs: number
  record(note: AuditNote): void
  announce(told: Told): void
  live(turn: Omit<LifeTurn, 'atMs'>): void
  agent(turn: Untimed<AgentTurn>): void
  changed(kind: ChangeKind, ...subjectNos: readonly number[]): void
}

export interface TurnNeeds {
  readonly storage: Storage
  readonly audit: (tx: Tx, statements: readonly AuditStatement[]) => Promise<unknown>
  /** Follows the lives of devices in the same transaction. */
  readonly onLives: (tx: Tx, turns: readonly LifeTurn[]) => Promise<unknown>
  /** Tells of the turns of agents in the same transaction. */
  readonly onAgents: (tx: Tx, turns: readonly AgentTurn[]) => Promise<unknown>
  readonly clock: Clock
  /** Called after each commit, so that this process knows at once what it wrote itself. */
  readonly afterCommit: () => Promise<void>
}

/** Runs `work` in one transaction. Entries and word go in with it; when it throws, nothing happened. */
export type TakeTurn = <T>(work: (turn: Turn) => Promise<T>) => Promise<T>

const insertChanges = bulkInsert({
  into: 'identity_change',
  columns: { kind: 'text', subject_no: 'int', at_ms: 'int' },
})

const toStatement = (note: AuditNote, nowMs: number): AuditStatement => ({
  tenantId: note.tenantId,
  occurredAt: toIso(nowMs),
  actor: note.by.actor,
  action: note.action,
  target: note.target,
  outcome: note.outcome ?? 'success',
  requestId: note.by.requestId,
  details: note.details ?? {},
})

export const createTurns = ({ storage, audit, onLives, onAgents, clock, afterCommit }: TurnNeeds): TakeTurn => {
  const commit = <T>(work: (turn: Turn) => Promise<T>): Promise<T> =>
    storage.write(async (tx) => {
      // Turns follow each other over all processes. So a token cannot be spent twice, a device cannot be found twice,
      // and changes are numbered in the order of their commits, which lets a reader ask for what came after a number.
      await serialize(tx, 'identity')
      const nowMs = clock.nowMs()
      const statements: AuditStatement[] = []
      const changes: { kind: ChangeKind; subject_no: number; at_ms: number }[] = []
      const lives: LifeTurn[] = []
      const agents: AgentTurn[] = []
      const news: Announcement[] = []
      const result = await work({
        tx,
        nowMs,
        announce: (told) => void news.push({ ...told, createdMs: nowMs }),
        live: (turn) => void lives.push({ ...turn, atMs: nowMs }),
        agent: (turn) => void agents.push({ ...turn, atMs: nowMs }),
        record: (note) => void statements.push(toStatement(note, nowMs)),
        changed: (kind, ...nos) => void changes.push(...nos.map((no) => ({ kind, subject_no: no, at_ms: nowMs }))),
      })
      // What was reported before is not taken to be so any more.
      const begun = lives.filter(({ what }) => what === 'begun_again')
      await noteScanned(
        tx,
        begun.map(({ deviceNo }) => ({ deviceNo, scanned: 'not' })),
      )
      // What others wait for comes last: rows of devices, then the outbox, then the tenant's chain.
      if (lives.length > 0) await onLives(tx, lives)
      if (agents.length > 0) await onAgents(tx, agents)
      await announce(tx, ...news)
      if (statements.length > 0) await audit(tx, statements)
      await insertChanges(tx, changes)
      return result
    })
  return async (work) => {
    const result = await commit(work)
    await afterCommit()
    return result
  }
}
