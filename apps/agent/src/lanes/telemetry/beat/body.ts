// What a heartbeat says (telemetry 10): the facts of this moment, and which heartbeat of which start this is.
// Collecting the facts is facts/collect.ts.
import type { AGENT_CAPABILITIES, HeartbeatCeiling } from '@muster/contract/device'
import { toIso } from '@muster/kernel'
import type { Collection, CollectionError, Facts } from '../facts/facts.ts'

/** What this agent can do beyond the first form of the wire (telemetry 4.1). */
export const CAPABILITIES: readonly (typeof AGENT_CAPABILITIES)[number][] = [
  'token_renewal',
  'certificate_rotation',
  'mtls',
]

export interface Beat {
  readonly heartbeatId: string
  readonly observedMs: number
  readonly agentVersion: string
  /** Drawn at the start of this process, so that a server sees restarts. */
  readonly bootId: string
  /** From 1 within a boot. */
  readonly sequence: number
}

const mostErrors = 16

/** Only what every server must take: for one that did not like more. */
export interface MinimalHeartbeat extends Facts {
  readonly heartbeat_id: string
  readonly observed_at: string
  readonly agent_version: string
}

export interface FullHeartbeat extends MinimalHeartbeat {
  readonly boot_id: string
  readonly sequence: number
  readonly capabilities: readonly string[]
  readonly ceiling: HeartbeatCeiling
  readonly collection_errors?: readonly CollectionError[]
}

export const minimalHeartbeat = ({ facts }: Collection, beat: Beat): MinimalHeartbeat => ({
  heartbeat_id: beat.heartbeatId,
  observed_at: toIso(beat.observedMs),
  agent_version: beat.agentVersion,
  ...facts,
})

export const fullHeartbeat = (collection: Collection, beat: Beat, ceiling: HeartbeatCeiling): FullHeartbeat => ({
  ...minimalHeartbeat(collection, beat),
  boot_id: beat.bootId,
  sequence: beat.sequence,
  capabilities: CAPABILITIES,
  ceiling,
  ...(collection.errors.length > 0 && { collection_errors: collection.errors.slice(0, mostErrors) }),
})
