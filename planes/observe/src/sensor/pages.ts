// Sensor states read from the database, neighbours together: after a restart a whole fleet asks within seconds.
// A page is what was stored a little while ago; what was heard since is states.ts's, which asks here only once for each.
import type { Db } from '@muster/storage'
import type { SensorState } from './decide.ts'
import { loadSensorsBetween } from './store.ts'

export interface SensorPages {
  /** As it was stored, at most a minute ago; undefined when nothing was. */
  load(deviceNo: number): Promise<SensorState | undefined>
  /** What was read of this sensor and its neighbours no longer holds. */
  forget(deviceNo: number): void
  /** Forgets pages that are too old. */
  sweep(): void
}

interface Page {
  readonly states: Promise<ReadonlyMap<number, SensorState>>
  readonly readMs: number
}

const pageSize = 256
/** Where another process hears these sensors too, what it heard since the page was read is missed. */
const keptMs = 60_000

const pageOf = (deviceNo: number): number => Math.floor(deviceNo / pageSize)

export const createSensorPages = (db: Db): SensorPages => {
  const pages = new Map<number, Page>()
  const isOld = ({ readMs }: Page): boolean => performance.now() - readMs > keptMs

  const read = (pageNo: number): Page => {
    const firstNo = pageNo * pageSize
    const page = { states: loadSensorsBetween(db, firstNo, firstNo + pageSize), readMs: performance.now() }
    pages.set(pageNo, page)
    page.states.catch(() => {
      if (pages.get(pageNo) === page) pages.delete(pageNo)
    })
    return page
  }
  return {
    async load(deviceNo) {
      const pageNo = pageOf(deviceNo)
      const held = pages.get(pageNo)
      const { states } = held === undefined || isOld(held) ? read(pageNo) : held
      return (await states).get(deviceNo)
    },
    forget: (deviceNo) => void pages.delete(pageOf(deviceNo)),
    sweep() {
      for (const [pageNo, page] of pages) if (isOld(page)) pages.delete(pageNo)
    },
  }
}
