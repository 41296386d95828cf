// The policy in force: fetched from the server, kept beside the database, applied again at every start.
// What a bundle may change is decide.ts; when to fetch is the lane's decision.
import { join } from 'node:path'
import type { Log } from '@muster/kernel'
import * as z from 'zod'
import type { ObserveSettings } from '../../../configuration/configuration.ts'
import { readIfThere, writeWhole } from '../../../folder/private-file.ts'
import type { Enrollment } from '../enroll/enrollment.ts'
import type { SensorServer } from '../sync/sensor-server.ts'
import { type Bundle, readBundle } from './bundle.ts'
import { type Effective, overlay } from './decide.ts'

export const policyFile = (dataDir: string): string => join(dataDir, 'policy.json')

const KeptPolicy = z.object({ deviceId: z.string(), generation: z.string(), bundle: z.string() })
export type KeptPolicy = z.infer<typeof KeptPolicy>

/** A damaged file is no policy: the server has it and will be asked. */
export const readKeptPolicy = (dataDir: string): KeptPolicy | null => {
  const text = readIfThere(policyFile(dataDir))
  if (text === null) return null
  try {
    return KeptPolicy.parse(JSON.parse(text))
  } catch {
    return null
  }
}

export interface PolicyNeeds {
  readonly dataDir: string
  readonly local: ObserveSettings
  readonly log: Log
}

/** `failed`: the server said no and may say yes later; every other outcome stands until another generation is offered. */
export type Fetched = 'applied' | 'unchanged' | 'nothing' | 'refused' | 'failed'

export interface Policy {
  /** The generation really in force; empty when there is none. */
  generation(): string
  effective(): Effective
  /** Why the server's newest bundle is not in force, or null. */
  fault(): string | null
  /** Forgets a policy that was meant for another device. */
  belongTo(deviceId: string): void
  fetch(enrollment: Enrollment, sensors: SensorServer): Promise<Fetched>
}

const bundleOf = (kept: KeptPolicy | null): Bundle | null => {
  const read = kept === null ? null : readBundle(kept.bundle)
  return read?.ok === true ? read.value : null
}

export const createPolicy = ({ dataDir, local, log }: PolicyNeeds): Policy => {
  let kept = readKeptPolicy(dataDir)
  let effective = overlay(local, bundleOf(kept))
  let fault: string | null = null

  const adopt = (next: KeptPolicy, bundle: Bundle): void => {
    writeWhole(policyFile(dataDir), `${JSON.stringify(next)}\n`)
    kept = next
    effective = overlay(local, bundle)
    fault = null
    log.info('policy applied', { 'policy.generation': next.generation })
    for (const root of effective.refusedRoots) log.warn('policy root refused', { 'file.path': root })
  }

  const generation = (): string => (bundleOf(kept) === null ? '' : (kept?.generation ?? ''))

  return {
    generation,
    effective: () => effective,
    fault: () => fault,

    belongTo(deviceId) {
      if (kept === null || kept.deviceId === deviceId) return
      kept = null
      effective = overlay(local, null)
    },

    async fetch({ tenantId, deviceId }, sensors) {
      const called = await sensors.config({ tenantId, deviceId, currentGeneration: generation() })
      if (!called.ok) {
        log.warn('policy could not be fetched', { 'error.code': called.refusal.code })
        return 'failed'
      }
      const { generation: offered, configJson } = called.value
      if (!configJson) return 'nothing'
      const text = Buffer.from(configJson, 'base64').toString('utf8')
      if (kept?.generation === offered && kept.bundle === text && kept.deviceId === deviceId) return 'unchanged'
      const bundle = readBundle(text)
      if (!bundle.ok) {
        fault = bundle.refusal.detail ?? bundle.refusal.code
        log.warn('policy refused', { 'policy.generation': offered, 'error.code': bundle.refusal.code })
        return 'refused'
      }
      adopt({ deviceId, generation: offered, bundle: text }, bundle.value)
      return 'applied'
    },
  }
}
