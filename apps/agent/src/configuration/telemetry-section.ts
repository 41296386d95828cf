// The section `telemetry` of the agent's file: keys, bounds and defaults (telemetry 16.4).
// What the lane does with them is lanes/telemetry.
import type { AgentClass } from '@muster/contract/device'
import * as z from 'zod'
import type { Exclusions } from '../lanes/telemetry/facts/facts.ts'

// Said again rather than imported: with the contract would come every sentence of the wire, before any is needed.
const classes = ['endpoint', 'server', 'collector'] as const satisfies readonly AgentClass[]

/** Names in which `*` stands for anything. */
const patterns = z.array(z.string().min(1).max(256)).max(64).default([])

const Collect = z.strictObject({
  disks: z.strictObject({ excludeMounts: patterns }).prefault({}),
  network: z.strictObject({ excludeInterfaces: patterns }).prefault({}),
})

export const Telemetry = z.strictObject({
  /** Until the server has named its own, which wins. */
  intervalSeconds: z.int().min(15).max(3_600).default(60),
  agentClass: z.enum(classes).default('endpoint'),
  collect: Collect.prefault({}),
})

export interface TelemetrySettings {
  readonly intervalSeconds: number
  readonly agentClass: AgentClass
  readonly exclusions: Exclusions
}

export const telemetrySettings = ({
  intervalSeconds,
  agentClass,
  collect,
}: z.infer<typeof Telemetry>): TelemetrySettings => ({
  intervalSeconds,
  agentClass,
  exclusions: { mounts: collect.disks.excludeMounts, interfaces: collect.network.excludeInterfaces },
})
