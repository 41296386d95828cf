// The parts of a filter over devices that the observe plane answers: how a device stands towards its policy, and how much
// of it is known. The other parts are identity's.
import type { Coverage, PolicyStatus } from '@muster/contract'
import type { Narrow } from '@muster/identity'
import type { DeviceObservations } from './device.ts'

export interface Observed {
  readonly policyStatus?: PolicyStatus | undefined
  readonly coverage?: Coverage | undefined
}

/** Undefined when nothing of it is asked for. */
export const narrowTo = (
  observe: Pick<DeviceObservations, 'withPolicyStatus' | 'withCoverage'>,
  tenantId: string,
  { policyStatus, coverage }: Observed,
): Narrow | undefined => {
  if (policyStatus === undefined && coverage === undefined) return undefined
  return async (deviceNos) => {
    const kept = policyStatus === undefined ? deviceNos : [...(await observe.withPolicyStatus(deviceNos, policyStatus))]
    return coverage === undefined ? new Set(kept) : observe.withCoverage(tenantId, kept, coverage)
  }
}
