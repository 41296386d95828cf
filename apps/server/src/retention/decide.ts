// How long data is kept: what a change of a term means and when it counts, and which moments follow from terms. Pure.
// Deleting is each room's; when it is done is retention.ts (fleet-product 13).
import { RETAINED_KINDS, RETENTION_BOUNDS, type RetainedKind, type RetentionTerm } from '@muster/contract'
import { toIso } from '@muster/kernel'

const dayMs = 24 * 3600 * 1000
/** A shortening waits so long: time to undo it, because what was deleted does not come back. */
const shorteningWaitsMs = dayMs

export interface Term {
  readonly days: number
  /** A shortening to come. */
  readonly pending: { readonly days: number; readonly effectiveMs: number } | null
}

/** Kinds that are missing follow the installation's terms. */
export type OwnTerms = Readonly<Partial<Record<RetainedKind, Term>>>
export type Terms = Readonly<Record<RetainedKind, Term>>

/** The term as it stands now: a shortening whose time has come is the term. */
export const settleTerm = (term: Term, nowMs: number): Term =>
  term.pending !== null && term.pending.effectiveMs <= nowMs ? { days: term.pending.days, pending: null } : term

/** Longer counts at once, and so does what was there before; shorter counts a day later. */
export const changeTerm = (term: Term, days: number, nowMs: number): Term => {
  const settled = settleTerm(term, nowMs)
  if (days >= settled.days) return { days, pending: null }
  if (settled.pending?.days === days) return settled
  return { days: settled.days, pending: { days, effectiveMs: nowMs + shorteningWaitsMs } }
}

export const settleTerms = (own: OwnTerms, installation: Terms, nowMs: number): Terms =>
  Object.fromEntries(RETAINED_KINDS.map((kind) => [kind, settleTerm(own[kind] ?? installation[kind], nowMs)])) as Terms

export type WantedDays = { readonly [Kind in RetainedKind]?: number | undefined }

/** The tenant's own terms with these changed; what follows the installation until now starts from its term. */
export const changeTerms = (own: OwnTerms, installation: Terms, wanted: WantedDays, nowMs: number): OwnTerms => ({
  ...own,
  ...Object.fromEntries(
    RETAINED_KINDS.flatMap((kind) => {
      const days = wanted[kind]
      return days === undefined ? [] : [[kind, changeTerm(own[kind] ?? installation[kind], days, nowMs)]]
    }),
  ),
})

export const presentTerms = (own: OwnTerms, installation: Terms, nowMs: number): RetentionTerm[] => {
  const settled = settleTerms(own, installation, nowMs)
  return RETAINED_KINDS.map((kind) => {
    const { days, pending } = settled[kind]
    const { minDays, maxDays } = RETENTION_BOUNDS[kind]
    return {
      kind,
      days,
      pending: pending === null ? null : { days: pending.days, effectiveAt: toIso(pending.effectiveMs) },
      isOwn: own[kind] !== undefined,
      minDays,
      maxDays,
    }
  })
}

/** What is older than its moment has to go. */
export interface Cutoffs {
  readonly eventsBeforeMs: number
  readonly deadLettersBeforeMs: number
  readonly intervalsBeforeMs: number
  readonly findingsBeforeMs: number
  readonly auditBeforeMs: number
}

export const decideCutoffs = (terms: Terms, nowMs: number): Cutoffs => {
  const before = (kind: RetainedKind): number => nowMs - settleTerm(terms[kind], nowMs).days * dayMs
  return {
    eventsBeforeMs: before('events'),
    deadLettersBeforeMs: before('deadLetters'),
    intervalsBeforeMs: before('intervals'),
    findingsBeforeMs: before('findings'),
    auditBeforeMs: before('audit'),
  }
}

/** Of a tenant on hold nothing goes. */
export const holdEverything: Cutoffs = {
  eventsBeforeMs: 0,
  deadLettersBeforeMs: 0,
  intervalsBeforeMs: 0,
  findingsBeforeMs: 0,
  auditBeforeMs: 0,
}

export interface PlanFacts {
  readonly installation: Terms
  readonly own: ReadonlyMap<string, OwnTerms>
  readonly holds: readonly { readonly tenantId: string; readonly deviceNo: number | null }[]
  readonly nowMs: number
}

export interface Plan {
  readonly tenants: ReadonlyMap<string, Cutoffs>
  readonly others: Cutoffs
  readonly heldDeviceNos: readonly number[]
  /** Audit entries are a chain that goes from its beginning only, so any hold of a tenant keeps all of them. */
  readonly tenantsWithHolds: ReadonlySet<string>
}

export const decidePlan = ({ installation, own, holds, nowMs }: PlanFacts): Plan => {
  const whole = new Set(holds.filter(({ deviceNo }) => deviceNo === null).map(({ tenantId }) => tenantId))
  const named = new Set([...own.keys(), ...whole])
  const cutoffsOf = (tenantId: string): Cutoffs =>
    whole.has(tenantId)
      ? holdEverything
      : decideCutoffs(settleTerms(own.get(tenantId) ?? {}, installation, nowMs), nowMs)
  return {
    tenants: new Map([...named].map((tenantId) => [tenantId, cutoffsOf(tenantId)])),
    others: decideCutoffs(installation, nowMs),
    heldDeviceNos: holds.flatMap(({ deviceNo }) => deviceNo ?? []),
    tenantsWithHolds: new Set(holds.map(({ tenantId }) => tenantId)),
  }
}
