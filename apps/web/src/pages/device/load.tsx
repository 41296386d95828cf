// How a machine does and did: its newest heartbeat, and processors, memory and disk over time, as charts and as a table.
// What a span is, and how a point reads, is decide-load.ts.
import type { Device, DeviceHeartbeat, HeartbeatPoint } from '@muster/contract'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { AsTable } from '../../parts/as-table.tsx'
import { Card, Empty, Facts, SkeletonLines } from '../../parts/blocks.tsx'
import { Charts } from '../../parts/charts.tsx'
import { Button, Choice, Trouble } from '../../parts/controls.tsx'
import { size } from '../../parts/decide-size.ts'
import { localTime, span as spanOf } from '../../parts/decide-time.ts'
import { Moment } from '../../parts/moment.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import type { AnswerTo } from '../../wire/ask.ts'
import type { DeviceView } from './decide.ts'
import {
  columnsOf,
  extentOf,
  HEARTBEATS_CSV,
  lengthMs,
  loadSpanWords,
  measures,
  measureWords,
  pointWords,
  rangeWords,
  resolutionWords,
} from './decide-load.ts'
import { heartbeatsQuery } from './query.ts'

type History = AnswerTo<'deviceHeartbeats'>

const unknown = <span className="faint">unknown</span>

const Newest = ({ heartbeat }: { readonly heartbeat: DeviceHeartbeat }) => {
  const { cpuPercent, cpuCount, memoryUsedBytes, memoryTotalBytes, uptimeSeconds, processCount, disks } = heartbeat
  return (
    <Card
      title="Newest heartbeat"
      aside={
        <>
          heard <Moment at={heartbeat.receivedAt} />
        </>
      }
    >
      <Facts
        facts={[
          ['Processors', cpuPercent === null ? unknown : `${cpuPercent} % of ${cpuCount ?? 'unknown'}`],
          [
            'Memory',
            memoryUsedBytes === null || memoryTotalBytes === null
              ? unknown
              : `${size(memoryUsedBytes)} of ${size(memoryTotalBytes)}`,
          ],
          ...disks.map(
            ({ mount, usedBytes, totalBytes }, at) =>
              [
                disks.length === 1 ? 'Disk' : `Disk ${at + 1}`,
                <span key={mount}>
                  {size(usedBytes)} of {size(totalBytes)} at <Said text={mount} />
                </span>,
              ] as const,
          ),
          ['Up for', uptimeSeconds === null ? unknown : spanOf(uptimeSeconds)],
          ['Processes', processCount === null ? unknown : processCount.toLocaleString()],
        ]}
      />
    </Card>
  )
}

const columns: readonly Column<HeartbeatPoint>[] = [
  { id: 'from', title: 'From', width: 'minmax(8rem, 1fr)', cell: ({ from }) => <Moment at={from} exact /> },
  ...measures.map((measure) => ({
    id: measure,
    title: measureWords[measure],
    width: 'minmax(4rem, 1fr)',
    isExtra: measure === 'diskPercent',
    cell: (point: HeartbeatPoint) => rangeWords(point[measure]),
  })),
  {
    id: 'count',
    title: 'Heartbeats',
    width: '6rem',
    isNumber: true,
    isExtra: true,
    cell: ({ heartbeats }) => heartbeats.toLocaleString(),
  },
]

const Drawn = ({ history: { items }, lengthInMs, nowMs }: { history: History; lengthInMs: number; nowMs: number }) => {
  const { atMs, extent, charts } = useMemo(
    () => ({
      atMs: items.map(({ from }) => Date.parse(from)),
      extent: extentOf(items, lengthInMs, nowMs),
      charts: measures.map((measure) => ({
        name: measureWords[measure],
        unit: ' %',
        drawing: { kind: 'line', tone: 'notable', top: 100, ...columnsOf(items, measure) } as const,
      })),
    }),
    [items, lengthInMs, nowMs],
  )
  const wordsAt = (at: number): string => {
    const point = items[at]
    return point === undefined ? '' : pointWords(point, localTime(Date.parse(point.from)))
  }
  return <Charts label="Load over time" atMs={atMs} {...extent} charts={charts} wordsAt={wordsAt} />
}

/** Newest first, as every list. */
const Table = ({ items }: Pick<History, 'items'>) => (
  <AsTable>
    <Rows
      label="Load"
      columns={columns}
      rows={items.toReversed()}
      idOf={({ from }) => from}
      empty={null}
      foot={<span>{items.length.toLocaleString()} points</span>}
    />
  </AsTable>
)

const NoHeartbeats = ({ device, isShort }: { readonly device: Device; readonly isShort: boolean }) =>
  device.planes.includes('telemetry') ? (
    <Empty title="No heartbeat in this time">
      <p>{isShort ? 'Choose a longer time above, or look at the machine.' : 'The machine was silent all the while.'}</p>
    </Empty>
  ) : (
    <Empty title="This machine sends no heartbeats">
      <p>
        Its owner decides that: with telemetry among the planes of its agent's file, it says once a minute how it does.
      </p>
    </Empty>
  )

export const Load = ({ device, view }: { readonly device: Device; readonly view: DeviceView }) => {
  const navigate = useNavigate()
  const asked = heartbeatsQuery(device.id, view.span)
  const { data, error, dataUpdatedAt } = useQuery({ ...asked, placeholderData: keepPreviousData })
  const choose = (span: DeviceView['span'] | ''): void => {
    const { span: _before, ...others } = view
    const search = span === '' || span === undefined ? others : { ...others, span }
    void navigate({ to: '/devices/$id', params: { id: device.id }, search, replace: true })
  }
  const save = async function* () {
    yield data?.items ?? []
  }
  return (
    <>
      <div className="wrap">
        <Choice
          label="Time"
          none="the last 24 hours"
          value={view.span ?? ''}
          options={loadSpanWords}
          onChange={choose}
        />
        {data !== undefined && <span className="soft">{resolutionWords[data.resolution]}</span>}
        <Button onPress={() => void saveTable('heartbeats', HEARTBEATS_CSV, save())} isDisabled={data === undefined}>
          CSV
        </Button>
      </div>
      <Trouble fault={error} />
      {data === undefined && error === null && <SkeletonLines lines={12} />}
      {data?.items.length === 0 && (
        <section className="card" aria-label="Load">
          <NoHeartbeats device={device} isShort={view.span !== 'year'} />
        </section>
      )}
      {data !== undefined && data.items.length > 0 && (
        <Card title="Load" aside={`${data.items.length.toLocaleString()} points`}>
          <div className="stack">
            <Drawn history={data} lengthInMs={lengthMs(view.span)} nowMs={dataUpdatedAt} />
            <Table items={data.items} />
          </div>
        </Card>
      )}
      {device.heartbeat !== null && <Newest heartbeat={device.heartbeat} />}
    </>
  )
}
