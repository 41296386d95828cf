// Requests that change many devices: which ones are meant, and a verdict for each.
// What is done to them is identity's.
import {
  type DevicesMeant,
  type DeviceVerdict,
  MOST_DEVICES_AT_ONCE,
  revokeDevices,
  tagDevices,
  untagDevices,
} from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Bounds, By, KnownOperator } from '@muster/identity'
import { ok, type Result } from '@muster/kernel'
import { by } from '../operator.ts'
import { decideMeant } from './decide.ts'
import type { DeviceNeeds } from './device.ts'
import { narrowTo } from './narrow.ts'

interface Meant {
  readonly ids: readonly string[]
  /** Where a filter goes on after these. */
  readonly nextCursor: string | null
}

interface Reply {
  items: DeviceVerdict[]
  nextCursor: string | null
}

type Deed = (by: By, bounds: Bounds, ids: readonly string[]) => Promise<readonly DeviceVerdict[]>

const findMeant = async (
  { devices, observe }: DeviceNeeds,
  bounds: Bounds,
  meant: DevicesMeant,
): Promise<Result<Meant, 'request_malformed'>> => {
  if ('ids' in meant) return ok({ ids: meant.ids, nextCursor: null })
  const { policyStatus, ...filter } = meant.filter
  const page = { limit: String(MOST_DEVICES_AT_ONCE), cursor: meant.cursor }
  return devices.listIds(bounds, { ...filter, ...page }, narrowTo(observe, policyStatus))
}

const createDoer =
  (needs: DeviceNeeds) =>
  async (
    said: Parameters<typeof by>[0],
    meant: DevicesMeant,
    deed: Deed,
  ): Promise<Result<Reply, 'request_malformed'>> => {
    const found = await findMeant(needs, said.speaker, meant)
    if (!found.ok) return found
    const { ids, nextCursor } = found.value
    const verdicts = await deed(by(said), said.speaker, ids)
    return ok({ items: [...verdicts], nextCursor })
  }

export const serveBulk = (needs: DeviceNeeds): readonly Served<KnownOperator>[] => {
  const { many } = needs.devices
  const doAll = createDoer(needs)
  return [
    serve<typeof tagDevices, KnownOperator>(tagDevices, (said) =>
      doAll(said, said.body.devices, (who, bounds, ids) =>
        many.tag(who, bounds, ids, { add: said.body.tags, remove: [] }),
      ),
    ),
    serve<typeof untagDevices, KnownOperator>(untagDevices, (said) =>
      doAll(said, said.body.devices, (who, bounds, ids) =>
        many.tag(who, bounds, ids, { add: [], remove: said.body.tags }),
      ),
    ),
    serve<typeof revokeDevices, KnownOperator>(revokeDevices, async (said) => {
      const meant = decideMeant(said.body.devices)
      if (!meant.ok) return meant
      return doAll(said, meant.value, (who, bounds, ids) => many.revoke(who, bounds, ids, said.body.reason))
    }),
  ]
}
