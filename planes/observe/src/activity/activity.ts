// How many events came in and findings were first observed, over time, for a look at the fleet as a whole.
// Events are counted by the tallies once and by the hour; spans and windows are decide.ts.
import { readActivity } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Devices, KnownOperator } from '@muster/identity'
import { type Clock, ok } from '@muster/kernel'
import { beyondTenants, type Db, type Storage } from '@muster/storage'
import { loadTally } from '../tally/store.ts'
import { type ActivityWindow, type Counted, decideWindow, toPoints } from './decide.ts'
import { loadFindings, loadHours, loadOfDevices, loadTail } from './store.ts'

export interface ActivityNeeds {
  readonly storage: Pick<Storage, 'db'>
  readonly devices: Pick<Devices, 'historyNos'>
  readonly clock: Clock
}

interface CountedEvents {
  readonly counts: readonly Counted[]
  readonly isExact: boolean
}

/** What is counted is read before what is not: an event that is counted in between is missed for once, never doubled. */
const countEvents = async (
  db: Db,
  tenantId: string,
  deviceNos: readonly number[] | undefined,
  window: ActivityWindow,
): Promise<CountedEvents> => {
  if (deviceNos !== undefined) {
    const { counts, isWhole } = await loadOfDevices(db, deviceNos, window)
    return { counts, isExact: isWhole }
  }
  const kept = await loadHours(db, tenantId, window)
  const { throughNo } = await loadTally(db, tenantId, 'event')
  // Looks at everybody's newest and keeps its own: behind the wall it would look at as many of its own.
  const tail = await beyondTenants(() => loadTail(db, tenantId, throughNo, window))
  return { counts: [...kept, ...tail.counts], isExact: tail.isWhole }
}

const momentMs = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text))

export const serveActivity = (needs: ActivityNeeds): Served<KnownOperator> =>
  serve<typeof readActivity, KnownOperator>(readActivity, async ({ speaker, query }) => {
    const { from, to, resolution } = query
    const window = decideWindow({ fromMs: momentMs(from), toMs: momentMs(to), resolution }, needs.clock.nowMs())
    if (!window.ok) return window
    const { db } = needs.storage
    const deviceNos = needs.devices.historyNos(speaker)
    const [events, findings] = await Promise.all([
      countEvents(db, speaker.tenantId, deviceNos, window.value),
      loadFindings(db, speaker.tenantId, deviceNos, window.value),
    ])
    const items = toPoints(window.value, events.counts, findings)
    return ok({ resolution: window.value.resolution, items, isExact: events.isExact })
  })
