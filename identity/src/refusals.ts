// Refused attempts on their way into the audit history: the first at once, then one entry a minute with a count.
// What is refused, and to whom, is decided by the listeners.
import type { AuditStatement } from '@muster/contract'
import { type Clock, type Log, toIso } from '@muster/kernel'
import type { Storage, Tx } from '@muster/storage'

export interface RefusalNote {
  readonly tenantId: string
  readonly actor: AuditStatement['actor']
  /** What was tried: a capability, or `sign in`. */
  readonly attempted: string
  readonly code: string
  readonly requestId: string
  /** How long further ones like it are counted before they are told; a minute unless said. */
  readonly countedForMs?: number
}

export interface RefusalNotes {
  note(note: RefusalNote): void
  /** Writes the counts whose minute is over, or all of them. */
  flush(which: 'due' | 'all'): Promise<void>
}

export interface RefusalNeeds {
  readonly storage: Storage
  readonly audit: (tx: Tx, statements: readonly AuditStatement[]) => Promise<unknown>
  readonly clock: Clock
  readonly log: Log
}

interface Tally {
  readonly note: RefusalNote
  readonly sinceMs: number
  readonly held: number
}

const usuallyCountedMs = 60_000
/** Strangers come from many addresses; beyond this many in a minute they are counted together. */
const maxTallies = 1000

const keyOf = ({ tenantId, actor, attempted, code }: RefusalNote): string =>
  JSON.stringify([tenantId, actor.type, actor.id, actor.ip, attempted, code])

const crowdOf = (note: RefusalNote): RefusalNote => ({
  ...note,
  actor: { type: note.actor.type, id: 'many' },
  attempted: 'many attempts',
})

const toStatement = (note: RefusalNote, count: number, nowMs: number): AuditStatement => ({
  tenantId: note.tenantId,
  occurredAt: toIso(nowMs),
  actor: note.actor,
  action: 'authorization.refused',
  target: { type: 'attempt', id: note.attempted },
  outcome: 'refused',
  requestId: note.requestId,
  details: { code: note.code, count },
})

export const createRefusalNotes = ({ storage, audit, clock, log }: RefusalNeeds): RefusalNotes => {
  const tallies = new Map<string, Tally>()
  let writing: Promise<void> = Promise.resolve()

  const write = async (statements: readonly AuditStatement[]): Promise<void> => {
    if (statements.length === 0) return
    try {
      await storage.write((tx) => audit(tx, statements))
    } catch (error) {
      log.error('refusals not recorded', { err: error, 'items.count': statements.length })
    }
  }
  const enqueue = (statements: readonly AuditStatement[]): Promise<void> => {
    writing = writing.then(() => write(statements))
    return writing
  }
  const count = (note: RefusalNote): void => {
    const key = keyOf(note)
    const tally = tallies.get(key)
    if (tally !== undefined) return void tallies.set(key, { ...tally, held: tally.held + 1 })
    const crowd = crowdOf(note)
    if (tallies.size >= maxTallies && keyOf(crowd) !== key) return count(crowd)
    const nowMs = clock.nowMs()
    tallies.set(key, { note, sinceMs: nowMs, held: 0 })
    void enqueue([toStatement(note, 1, nowMs)])
  }
  return {
    note: count,
    flush(which) {
      const nowMs = clock.nowMs()
      const due = [...tallies].filter(
        ([, { note, sinceMs }]) => which === 'all' || nowMs - sinceMs >= (note.countedForMs ?? usuallyCountedMs),
      )
      for (const [key] of due) tallies.delete(key)
      const counted = due.filter(([, { held }]) => held > 0)
      return enqueue(counted.map(([, { note, held }]) => toStatement(note, held, nowMs)))
    },
  }
}
