// Word of what changed, from this process and from others, to whoever keeps a copy in memory.
// Writing the word is turns.ts; what a listener loads is its own business.
import type { Clock, Log } from '@muster/kernel'
import { createSharedRun, deleteInBatches, type Storage } from '@muster/storage'
import { type Kysely, sql } from 'kysely'
import { CHANGE_KINDS, type ChangeKind, type IdentityTables } from './tables.ts'

/** Loads these again; `all` when word may have been missed. */
export type ChangeListener = (subjectNos: readonly number[] | 'all') => Promise<void>

export interface Changes {
  listen(kind: ChangeKind, listener: ChangeListener): void
  /** Takes note of the last change so far; whoever loads afterwards has missed nothing. */
  start(): Promise<void>
  /** Tells listeners of everything committed before the call; calls that wait share one look. Throws what they throw. */
  refresh(): Promise<void>
  /** Forgets word that everyone has heard. */
  prune(): Promise<void>
}

export interface ChangesNeeds {
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Log
}

const keptMs = 3_600_000
/** A process that was away longer than this, in sleep or without a database, loads everything again. */
const trustedMs = keptMs / 2
const lookSize = 10_000

interface Word {
  readonly change_no: number
  readonly kind: ChangeKind
  readonly subject_no: number
}

export const createChanges = ({ storage, clock, log }: ChangesNeeds): Changes => {
  const db: Kysely<IdentityTables> = storage.quick
  const listeners = new Map<ChangeKind, ChangeListener[]>()
  let heardNo = 0
  let heardMs = 0

  const lastNo = async (): Promise<number> => {
    const row = await db
      .selectFrom('identity_change')
      .select((change) => change.fn.max('change_no').as('last'))
      .executeTakeFirst()
    return row?.last ?? 0
  }
  const tell = async (kind: ChangeKind, subjectNos: readonly number[] | 'all'): Promise<void> => {
    for (const listener of listeners.get(kind) ?? []) await listener(subjectNos)
  }
  const tellAll = async (): Promise<void> => {
    const last = await lastNo()
    log.warn('identity is loaded anew')
    for (const kind of CHANGE_KINDS) await tell(kind, 'all')
    heardNo = last
  }
  const look = async (): Promise<number> => {
    const words: readonly Word[] = await db
      .selectFrom('identity_change')
      .select(['change_no', 'kind', 'subject_no'])
      .where('change_no', '>', heardNo)
      .orderBy('change_no')
      .limit(lookSize)
      .execute()
    for (const [kind, heard] of Map.groupBy(words, (word) => word.kind))
      await tell(kind, [...new Set(heard.map((word) => word.subject_no))])
    heardNo = words.at(-1)?.change_no ?? heardNo
    return words.length
  }
  const refresh = createSharedRun(async () => {
    const startedMs = clock.nowMs()
    if (startedMs - heardMs > trustedMs) await tellAll()
    while ((await look()) === lookSize);
    heardMs = startedMs
  })
  return {
    listen: (kind, listener) => void listeners.set(kind, [...(listeners.get(kind) ?? []), listener]),
    async start() {
      heardNo = await lastNo()
      heardMs = clock.nowMs()
    },
    refresh,
    async prune() {
      const where = sql`at_ms < ${clock.nowMs() - keptMs}`
      await deleteInBatches(storage, { table: 'identity_change', key: 'change_no', where })
    },
  }
}
