// How the product is doing for a tenant, at a glance (fleet-product 16): counts of the rooms and of the machine.
// What each number means is its room's; numbers for machines are on /metrics.
import { type ReplyOf, readStatus } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import { type Bounds, type Identity, type KnownOperator, wholeTenant } from '@muster/identity'
import { type Clock, ok, toIso } from '@muster/kernel'
import type { Observe, Policies } from '@muster/observe'
import type { Storage } from '@muster/storage'
import { programVersion } from '../version.ts'
import { measureDatabase, measureDiskFree } from './measure.ts'

export interface StatusNeeds {
  readonly identity: Pick<Identity, 'agents' | 'authority' | 'devices'>
  readonly observe: Pick<Observe, 'counts' | 'policies'>
  readonly storage: Storage
  readonly dataDir: string
  readonly clock: Clock
  readonly startedMs: number
}

type Status = ReplyOf<typeof readStatus>

const authorityOf = ({ authority }: Pick<Identity, 'authority'>): Status['authority'] => {
  const { id, expiresMs } = authority.current()
  const trusted = authority.list().filter(({ state }) => state !== 'retired')
  return {
    current: id,
    expiresAt: toIso(expiresMs),
    trusted: trusted.map((one) => ({ id: one.id, expiresAt: toIso(one.expiresMs) })),
  }
}

const countPolicies = async (policies: Policies, { tenantId }: Bounds): Promise<Status['policies']> => {
  const assignments = await policies.listAssignments(wholeTenant(tenantId))
  const defaultId = assignments.ok ? assignments.value.items.find(({ group }) => group === null)?.policyId : undefined
  let published = 0
  let defaultGeneration: string | null = null
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await policies.list(tenantId, { limit: '200', ...(cursor === undefined ? {} : { cursor }) })
    if (!page.ok) throw new Error(`count policies: ${page.refusal.code}`)
    for (const { id, generation } of page.value.items) {
      if (generation !== null) published += 1
      if (id === defaultId) defaultGeneration = generation
    }
    cursor = page.value.nextCursor
  }
  return { defaultGeneration, published }
}

export const serveStatus = (needs: StatusNeeds): readonly Served<KnownOperator>[] => {
  const { identity, observe, storage, dataDir, clock, startedMs } = needs
  return [
    serve<typeof readStatus, KnownOperator>(readStatus, async ({ speaker }) => {
      const [devices, observed, policies, bytes, diskFreeBytes] = await Promise.all([
        identity.devices.counts(speaker),
        observe.counts(speaker),
        countPolicies(observe.policies, speaker),
        measureDatabase(storage, dataDir),
        measureDiskFree(dataDir),
      ])
      const { total, byLiveness, revoked, goneDark, certificatesExpiringSoon } = devices
      return ok({
        version: programVersion,
        serverTime: toIso(clock.nowMs()),
        startedAt: toIso(startedMs),
        database: { engine: storage.engine, bytes },
        devices: { total, byLiveness, refusingPolicy: observed.refusingPolicy, revoked, goneDark },
        events: {
          stored: observed.events,
          lastReceivedAt: observed.lastReceivedMs === null ? null : toIso(observed.lastReceivedMs),
          deadLetters: observed.deadLetters,
          isExact: observed.isExact,
        },
        openFindings: observed.openFindings,
        policies,
        authority: authorityOf(identity),
        certificatesExpiringSoon,
        agentTokensEndingSoon: identity.agents.tokensEnding(speaker),
        diskFreeBytes,
      })
    }),
  ]
}
