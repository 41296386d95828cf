// What the list of devices asks, and what it has done to many of them: as few requests as it takes, a verdict for each device.
// Which devices a view means is decide.ts.
import type { BodyOf, DeviceVerdict, revokeDevices, tagDevices } from '@muster/contract'
import { ask } from '../../wire/ask.ts'
import { listQuery } from '../../wire/lists.ts'
import { type DevicesView, filterOf, meantByIds, queryOfView } from './decide.ts'

export const devicesQuery = (view: DevicesView) => listQuery('listDevices', { query: queryOfView(view) })

type Meant = BodyOf<typeof tagDevices>['devices']

/** Chosen one by one, or all that a view finds. */
export type Picked = { readonly ids: readonly string[] } | { readonly view: DevicesView }

export type Deed =
  | { readonly kind: 'tag' | 'untag'; readonly tags: readonly string[] }
  | { readonly kind: 'revoke'; readonly reason: string }

const askFor = (deed: Deed, devices: Meant) => {
  if (deed.kind === 'revoke') {
    const body: BodyOf<typeof revokeDevices> = { devices, ...(deed.reason !== '' && { reason: deed.reason }) }
    return ask('revokeDevices', { body })
  }
  return ask(deed.kind === 'tag' ? 'tagDevices' : 'untagDevices', { body: { devices, tags: [...deed.tags] } })
}

/** Verdicts as they come, request after request. */
export async function* doToAll(deed: Deed, picked: Picked): AsyncGenerator<readonly DeviceVerdict[]> {
  if ('ids' in picked) {
    for (const devices of meantByIds(picked.ids)) yield (await askFor(deed, devices)).items
    return
  }
  let cursor: string | null = null
  do {
    const devices: Meant = { filter: filterOf(picked.view), ...(cursor !== null && { cursor }) }
    const { items, nextCursor }: Awaited<ReturnType<typeof askFor>> = await askFor(deed, devices)
    yield items
    cursor = nextCursor
  } while (cursor !== null)
}
