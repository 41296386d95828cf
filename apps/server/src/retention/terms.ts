// How long each tenant keeps its data: read, changed with an entry in the audit history, and followed by the purge.
// Which changes count when is decide.ts; flags and file give the terms of tenants that set none.
import { DEFAULT_TENANT_ID, RETAINED_KINDS, type RetainedKind, type RetentionTerm } from '@muster/contract'
import { type By, bySystem } from '@muster/identity'
import { type Clock, ok, type Result, refuse, toIso } from '@muster/kernel'
import type { Ledger } from '@muster/ledger'
import { beyondTenants, type Storage, serialize, type Tx } from '@muster/storage'
import type { Transaction } from 'kysely'
import type { Settings } from '../settings/table.ts'
import {
  changeTerm,
  changeTerms,
  type OwnTerms,
  presentTerms,
  settleTerms,
  type Terms,
  type WantedDays,
} from './decide.ts'
import { INSTALLATION, loadAllTerms, loadTerms, putTerms, type RetentionTables } from './store.ts'

export interface RetentionView {
  readonly items: RetentionTerm[]
  readonly version: number
}

export interface RetentionTerms {
  read(tenantId: string): Promise<RetentionView>
  change(by: By, tenantId: string, version: number, days: WantedDays): Promise<Result<RetentionView, 'version_stale'>>
  /** The installation's terms, and those of every tenant that has some. */
  load(): Promise<{ readonly installation: Terms; readonly own: ReadonlyMap<string, OwnTerms> }>
  /** From when on closed intervals are all still there. */
  intervalsKeptFromMs(tenantId: string): Promise<number>
}

export interface TermsNeeds {
  readonly storage: Storage<RetentionTables>
  readonly ledger: Pick<Ledger, 'append'>
  readonly settings: Settings
  readonly clock: Clock
}

const dayMs = 24 * 3600 * 1000

const settingsDays = (settings: Settings): Readonly<Record<RetainedKind, number>> => ({
  events: settings['retention.events'],
  deadLetters: settings['retention.deadLetters'],
  intervals: settings['retention.intervals'],
  findings: settings['retention.findings'],
  audit: settings['retention.audit'],
})

/** What the server is told now, seen against what it was told before: a shorter flag waits as a changed setting does. */
const followSettings = (stored: OwnTerms, wanted: Readonly<Record<RetainedKind, number>>, nowMs: number): Terms =>
  Object.fromEntries(
    RETAINED_KINDS.map((kind) => {
      const before = stored[kind]
      const days = wanted[kind]
      return [kind, before === undefined ? { days, pending: null } : changeTerm(before, days, nowMs)]
    }),
  ) as Terms

const record = (needs: TermsNeeds, tx: Tx, by: By, tenantId: string, items: readonly RetentionTerm[]) =>
  needs.ledger.append(tx, {
    tenantId,
    occurredAt: toIso(needs.clock.nowMs()),
    actor: by.actor,
    action: 'retention.changed',
    target: { type: 'tenant', id: tenantId },
    outcome: 'success',
    requestId: by.requestId,
    details: Object.fromEntries(
      items.map(({ kind, days, pending }) => [kind, pending === null ? { days } : { days, pending }]),
    ),
  })

/** Has taken in what the settings say when it resolves. */
export const createRetentionTerms = async (needs: TermsNeeds): Promise<RetentionTerms> => {
  const { storage, settings, clock } = needs
  const takeIn = async (tx: Transaction<RetentionTables>): Promise<void> => {
    await serialize(tx, 'server_retention')
    const { version, terms } = await loadTerms(tx, INSTALLATION)
    const next = followSettings(terms, settingsDays(settings), clock.nowMs())
    if (JSON.stringify(next) === JSON.stringify(terms)) return
    await putTerms(tx, INSTALLATION, { version: version + 1, terms: next })
    const items = presentTerms(next, next, clock.nowMs())
    if (version > 0) await record(needs, tx, bySystem(''), DEFAULT_TENANT_ID, items)
  }
  if (settings.roles.includes('control')) await storage.write(takeIn)
  /** The row of no tenant; only a server that starts ever writes it. */
  const installationTerms = async (): Promise<Terms> =>
    (await beyondTenants(() => loadTerms(storage.db, INSTALLATION))).terms as Terms

  return {
    async read(tenantId) {
      const { version, terms } = await loadTerms(storage.db, tenantId)
      return { items: presentTerms(terms, await installationTerms(), clock.nowMs()), version }
    },
    change: (by, tenantId, version, days) =>
      storage.write(async (tx): Promise<Result<RetentionView, 'version_stale'>> => {
        await serialize(tx, 'server_retention')
        const stored = await loadTerms(tx, tenantId)
        if (stored.version !== version) return refuse('version_stale')
        const installation = await installationTerms()
        const terms = changeTerms(stored.terms, installation, days, clock.nowMs())
        await putTerms(tx, tenantId, { version: version + 1, terms })
        const items = presentTerms(terms, installation, clock.nowMs())
        const changed = items.filter(({ kind }) => days[kind] !== undefined)
        await record(needs, tx, by, tenantId, changed)
        return ok({ items, version: version + 1 })
      }),
    async load() {
      const all = await loadAllTerms(storage.db)
      const own = new Map([...all].filter(([tenantId]) => tenantId !== INSTALLATION))
      return { installation: (all.get(INSTALLATION) ?? {}) as Terms, own }
    },
    async intervalsKeptFromMs(tenantId) {
      const { terms } = await loadTerms(storage.db, tenantId)
      const nowMs = clock.nowMs()
      return nowMs - settleTerms(terms, await installationTerms(), nowMs).intervals.days * dayMs
    },
  }
}
