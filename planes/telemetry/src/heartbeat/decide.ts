// What a heartbeat says, or why it is refused: override of identity, missing and faulty facts, clock, extras.
// Who may say it is decided in binding.ts, and whether it was said before in order.ts (telemetry 10 to 12).
import { parseInstantMs } from '@muster/contract'
import { heartbeatWarningsMax, IDENTITY_KEYS, type NetworkInterface } from '@muster/contract/device'
import { ok, type Result, refuse } from '@muster/kernel'
import { canonicalBody, type Json } from './aliases.ts'
import { type KeptExtras, keepExtras } from './extras.ts'
import { Facts, faultyFacts, isFact, REQUIRED, tidyBody, tidyDisks } from './facts.ts'
import { contentDigest, heartbeatKey, textDigest } from './key.ts'
import { readPlain } from './plain.ts'

/** The identity row that the agent's credential stands for. */
export interface Bound {
  readonly agentId: string
  readonly tenantId: string
  readonly siteId: string
  readonly collectorId: string
  readonly assetId: string
}

export interface Asked {
  readonly bound: Bound
  readonly receivedMs: number
  readonly idempotencyKey: string | null
  /** Missing facts are warned of instead of refused (telemetry 2.4). */
  readonly isLenient: boolean
}

/** What changes from beat to beat; null where it could not be collected. */
export interface Metrics {
  readonly uptimeSeconds: number | null
  readonly cpuPercent: number | null
  readonly memoryUsedBytes: number | null
  readonly processCount: number | null
  /** In the order of the description's disks. */
  readonly diskUsedBytes: readonly number[]
}

/** What stays the same for days; stored when it changed. */
export interface Description {
  readonly agentVersion: string | null
  readonly bootId: string | null
  readonly hostname: string | null
  readonly osFamily: string | null
  readonly osVersion: string | null
  readonly cpuCount: number | null
  readonly memoryTotalBytes: number | null
  readonly disks: readonly { readonly mount: string; readonly totalBytes: number }[] | null
  readonly networkInterfaces: readonly NetworkInterface[] | null
  readonly capabilities: readonly string[] | null
  readonly collectionErrors: readonly { readonly fact: string; readonly code: string }[]
  readonly extras: Json
}

export interface Heartbeat {
  /** 16 bytes, hex; null when it cannot be known again. */
  readonly key: string | null
  readonly digest: string
  /** The agent's clock, or the moment of receipt where the agent's is of no use. */
  readonly observedMs: number
  /** Receipt minus observation in whole seconds when that is worth telling, else null. */
  readonly clockSkewSeconds: number | null
  readonly metrics: Metrics
  readonly description: Description
  readonly warnings: readonly string[]
  /** Members left out because their names look like secrets. */
  readonly secretCount: number
}

export type BodyRefusal = 'identity_override_rejected' | 'heartbeat_invalid'

const skewSeconds = 300
const futureMs = 24 * 3_600_000

const identityKeys: Readonly<Record<string, keyof Bound>> = IDENTITY_KEYS
const namesIdentity = (key: string): boolean => Object.hasOwn(identityKeys, key)

/** Only at the top is a body asked whom it names (telemetry 11). */
const overrides = (said: Json, bound: Bound): boolean =>
  Object.keys(said).some((key) => namesIdentity(key) && said[key] !== bound[identityKeys[key] as keyof Bound])

/** Null when it was not said; undefined when what was said is no moment. */
const observedOf = (body: Json): number | null | undefined => {
  const said = body['observed_at']
  if (said === undefined) return null
  return typeof said === 'string' ? (parseInstantMs(said) ?? undefined) : undefined
}

const faultsOf = (body: Json, parsed: ReturnType<typeof Facts.safeParse>): readonly string[] => {
  const faults = parsed.success ? [] : [...faultyFacts(parsed.error)]
  if (observedOf(body) === undefined) faults.push('observed_at')
  const { memory_used_bytes: used, memory_total_bytes: total } = parsed.success ? parsed.data : {}
  if (typeof used === 'number' && typeof total === 'number' && used > total) faults.push('memory_used_bytes')
  return faults
}

const invalid = (fields: readonly string[]) =>
  refuse(
    'heartbeat_invalid',
    undefined,
    fields.map((path) => ({ path, code: 'invalid', message: '' })),
  )

const metricsOf = (facts: Facts): Metrics => ({
  uptimeSeconds: facts.uptime_seconds ?? null,
  cpuPercent: facts.cpu_usage_percent ?? null,
  memoryUsedBytes: facts.memory_used_bytes ?? null,
  processCount: facts.process_count ?? null,
  diskUsedBytes: (facts.disks ?? []).map((disk) => disk.used_bytes),
})

const descriptionOf = (facts: Facts, extras: Json): Description => ({
  agentVersion: facts.agent_version ?? null,
  bootId: facts.boot_id ?? null,
  hostname: facts.hostname ?? null,
  osFamily: facts.os_family ?? null,
  osVersion: facts.os_version ?? null,
  cpuCount: facts.cpu_count ?? null,
  memoryTotalBytes: facts.memory_total_bytes ?? null,
  disks: facts.disks?.map((disk) => ({ mount: disk.mount, totalBytes: disk.total_bytes })) ?? null,
  networkInterfaces: facts.network_interfaces ?? null,
  capabilities: facts.capabilities ?? null,
  collectionErrors: facts.collection_errors ?? [],
  extras,
})

const sorted = (facts: Facts): Facts => (facts.disks ? { ...facts, disks: tidyDisks(facts.disks) } : facts)

/** A moment a day ahead of ours cannot order anything, so ours takes its place (telemetry 12). */
const decideMoment = (saidMs: number | null, receivedMs: number) => {
  const seconds = saidMs === null ? 0 : Math.round((receivedMs - saidMs) / 1000)
  return {
    observedMs: saidMs === null || saidMs > receivedMs + futureMs ? receivedMs : saidMs,
    clockSkewSeconds: Math.abs(seconds) > skewSeconds ? seconds : null,
  }
}

/** Half a surrogate pair is text that no two programs spell alike, so it has no digest. */
const digestOf = (body: Json): string | undefined => {
  try {
    return contentDigest(body)
  } catch {
    return undefined
  }
}

const warningsOf = (
  observedAt: string | null,
  missing: readonly string[],
  dropped: readonly string[],
  isSkewed: boolean,
): readonly string[] =>
  [
    ...(isSkewed ? ['clock_skew'] : []),
    ...[...missing, ...(observedAt === null ? ['observed_at'] : [])].map((name) => `missing:${name}`),
    ...dropped.map((name) => `extra_dropped:${name}`),
  ].slice(0, heartbeatWarningsMax)

const textOf = (body: Json, key: string): string | null => (body[key] as string | undefined) ?? null

/** What a body says, once it is known to be right. */
interface ReadBody {
  readonly facts: Facts
  readonly digest: string
  /** As the agent wrote it; null when it did not. */
  readonly observedAt: string | null
  readonly observedMs: number | null
  readonly missing: readonly string[]
  readonly kept: KeptExtras
}

/** Takes every body there may be, and names all that is wrong with it. */
const readThoroughly = (said: Json, isLenient: boolean): Result<ReadBody, 'heartbeat_invalid'> => {
  const body = canonicalBody(said)
  const digest = digestOf(body)
  if (digest === undefined) return invalid([])
  const parsed = Facts.safeParse(tidyBody(body))
  const missing = REQUIRED.filter((fact) => body[fact] === undefined)
  const faults = [...faultsOf(body, parsed), ...(isLenient ? [] : missing)]
  if (!parsed.success || faults.length > 0) return invalid(faults)
  return ok({
    facts: parsed.data,
    digest,
    observedAt: textOf(body, 'observed_at'),
    observedMs: observedOf(body) ?? null,
    missing,
    kept: keepExtras(body, (key) => isFact(key) || namesIdentity(key)),
  })
}

const nothingMore = { missing: [], kept: { extras: {}, dropped: [], secretCount: 0 } } as const

const read = (said: Json, { bound, isLenient }: Asked): Result<ReadBody, BodyRefusal> => {
  const plain = readPlain(said, bound)
  if (plain === undefined)
    return overrides(said, bound) ? refuse('identity_override_rejected') : readThoroughly(said, isLenient)
  const { facts, canonical, observedAt, observedMs } = plain
  return ok({ facts, digest: textDigest(canonical), observedAt, observedMs, ...nothingMore })
}

/** Checks 13 and 14 of telemetry 11, and everything the body means. */
export const decideHeartbeat = (said: Json, asked: Asked): Result<Heartbeat, BodyRefusal> => {
  const { bound, receivedMs, idempotencyKey } = asked
  const body = read(said, asked)
  if (!body.ok) return body
  const { digest, observedAt, observedMs, missing, kept } = body.value
  const facts = sorted(body.value.facts)
  const moment = decideMoment(observedMs, receivedMs)
  const heartbeatId = facts.heartbeat_id ?? null
  return ok({
    key: heartbeatKey({ agentId: bound.agentId, heartbeatId, idempotencyKey, observedAt, digest }),
    digest,
    ...moment,
    metrics: metricsOf(facts),
    description: descriptionOf(facts, kept.extras),
    warnings: warningsOf(observedAt, missing, kept.dropped, moment.clockSkewSeconds !== null),
    secretCount: kept.secretCount,
  })
}
