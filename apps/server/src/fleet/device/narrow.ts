// The part of a filter over devices that the observe plane answers: how a device stands towards its policy.
// The other parts are identity's.
import type { PolicyStatus } from '@muster/contract'
import type { Narrow } from '@muster/identity'
import type { DeviceObservations } from './device.ts'

/** Undefined when nothing of it is asked for. */
export const narrowTo = (
  observe: Pick<DeviceObservations, 'withPolicyStatus'>,
  policyStatus: PolicyStatus | undefined,
): Narrow | undefined =>
  policyStatus === undefined ? undefined : (deviceNos) => observe.withPolicyStatus(deviceNos, policyStatus)
