// A key that comes in although another tenant has it: let in, and told to both, neither learning of the other.
// Somebody copied a key file or enrolled one machine twice; which, only its owners can know (fleet-product 5.5).
import type { Log } from '@muster/kernel'
import { bySystem } from '../speakers.ts'
import type { Turn } from '../turns.ts'
import type { Admitted } from './admit.ts'
import { loadHolders } from './store.ts'

interface Holder {
  readonly tenantId: string
  readonly deviceId: string
  readonly keyFingerprint: string
}

const tell = (turn: Turn, requestId: string, { tenantId, deviceId, keyFingerprint }: Holder): void => {
  const target = { type: 'device', id: deviceId }
  turn.record({
    by: bySystem(requestId),
    tenantId,
    action: 'device.key_shared',
    target,
    details: { keyFingerprint },
  })
  turn.announce({ tenantId, topic: 'device.key_shared', key: deviceId, body: { keyFingerprint } })
}

/** Looks at keys that are new to their tenant only: the others were told of when they came. */
export const tellSharedKeys = async (turn: Turn, admitted: readonly Admitted[], log: Log): Promise<void> => {
  const fresh = admitted.filter(({ verdict }) => verdict.isNew)
  if (fresh.length === 0) return
  const rows = await loadHolders(
    turn.tx,
    fresh.map(({ candidate }) => candidate.keyFingerprint),
  )
  for (const { candidate, token, verdict } of fresh) {
    const { keyFingerprint, requestId } = candidate
    const others = rows.filter((row) => row.key_fingerprint === keyFingerprint && row.tenant_id !== token.tenant_id)
    if (others.length === 0) continue
    log.warn('one key is enrolled in two tenants', { 'device.id': verdict.deviceId })
    tell(turn, requestId, { tenantId: token.tenant_id, deviceId: verdict.deviceId, keyFingerprint })
    for (const other of others)
      tell(turn, requestId, { tenantId: other.tenant_id, deviceId: other.device_id, keyFingerprint })
  }
}
