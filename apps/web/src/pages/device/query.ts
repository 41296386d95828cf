// What the page of a device asks: the device, what was on it at a moment, what was found, how it did, what happened to it.
// Which moment and which filter is decide.ts.
import { queryOptions } from '@tanstack/react-query'
import { ask } from '../../wire/ask.ts'
import { listQuery } from '../../wire/lists.ts'
import type { DeviceView } from './decide.ts'
import { type LoadSpan, lengthMs } from './decide-load.ts'

const liveMs = 10_000
const beatMs = 60_000

export const deviceQuery = (id: string) =>
  queryOptions({
    queryKey: ['readDevice', id],
    queryFn: ({ signal }) => ask('readDevice', { params: { id }, signal }),
    refetchInterval: liveMs,
  })

export const inventoryOf = (id: string, { asOf, surface, name }: DeviceView) => ({
  params: { id },
  query: {
    ...(asOf !== undefined && { asOf }),
    ...(surface !== undefined && { surface }),
    ...(name !== undefined && { name }),
  },
})

export const inventoryQuery = (id: string, view: DeviceView) => listQuery('deviceInventory', inventoryOf(id, view))

export const findingsQuery = (id: string) => listQuery('listFindings', { query: { deviceId: id } })

export const timelineQuery = (id: string) => listQuery('deviceTimeline', { params: { id }, query: {} })

/** The last day is the server's to say; how long a span is, is decide-load.ts. */
export const heartbeatsQuery = (id: string, span: LoadSpan | undefined) =>
  queryOptions({
    queryKey: ['deviceHeartbeats', id, span ?? null],
    queryFn: ({ signal }) => {
      const query = span === undefined ? {} : { from: new Date(Date.now() - lengthMs(span)).toISOString() }
      return ask('deviceHeartbeats', { params: { id }, query, signal })
    },
    refetchInterval: beatMs,
  })
