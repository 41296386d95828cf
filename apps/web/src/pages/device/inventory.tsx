// What is on a device, or was at a moment chosen on a slider between its enrolment and now.
// Which moment a step of the slider is, is decide.ts.
import type { Device, InventoryItem } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { Label, Slider, SliderOutput, SliderThumb, SliderTrack } from 'react-aria-components'
import { Empty } from '../../parts/blocks.tsx'
import { Button, Choice, Trouble } from '../../parts/controls.tsx'
import { localTime, utcTime } from '../../parts/decide-time.ts'
import { Moment, useNow } from '../../parts/moment.tsx'
import { MomentField } from '../../parts/period.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import { SearchField } from '../../parts/search-field.tsx'
import { allItems } from '../../wire/lists.ts'
import { type DeviceView, lastStep, momentAt, stepOf } from './decide.ts'
import { inventoryOf, inventoryQuery } from './query.ts'

const INVENTORY_CSV: CsvTable<InventoryItem> = {
  columns: [
    'surface',
    'kind',
    'name',
    'version',
    'path',
    'origin',
    'detail',
    'firstSeenAt',
    'lastSeenAt',
    'possiblyStale',
  ],
  rowsOf: (item) => [
    [
      item.surface,
      item.kind,
      item.name,
      item.version,
      item.path,
      item.origin,
      item.detail,
      item.firstSeenAt,
      item.lastSeenAt,
      item.possiblyStale,
    ],
  ],
}

const columns: readonly Column<InventoryItem>[] = [
  {
    id: 'name',
    title: 'Item',
    width: 'minmax(8rem, 2fr)',
    cell: ({ name }) => (
      <strong>
        <Said text={name} />
      </strong>
    ),
  },
  {
    id: 'version',
    title: 'Version',
    width: 'minmax(5rem, 1fr)',
    cell: ({ version }) => version !== null && <Said text={version} />,
  },
  {
    id: 'surface',
    title: 'Surface',
    width: 'minmax(6rem, 1fr)',
    isExtra: true,
    cell: ({ surface }) => <Said text={surface} />,
  },
  {
    id: 'path',
    title: 'Path',
    width: 'minmax(8rem, 2fr)',
    isExtra: true,
    cell: ({ path }) => (
      <span className="soft">
        <Said text={path} />
      </span>
    ),
  },
  {
    id: 'seen',
    title: 'First seen',
    width: '9rem',
    isExtra: true,
    cell: ({ firstSeenAt, possiblyStale }) => (
      <>
        <Moment at={firstSeenAt} />
        {possiblyStale && <span title="A neighbour was confirmed later and this was not"> ?</span>}
      </>
    ),
  },
]

const TimeSlider = ({
  device,
  view,
  onChange,
}: {
  device: Device
  view: DeviceView
  onChange: (asOf: string | undefined) => void
}) => {
  const span = { fromMs: Date.parse(device.enrolledAt), nowMs: useNow() }
  // While it is moved it is ahead of the address.
  const [moved, setMoved] = useState<number | null>(null)
  useEffect(() => setMoved(null), [view.asOf])
  const at = moved === null ? view.asOf : momentAt(moved, span)
  return (
    <Slider<number>
      className="slider"
      minValue={0}
      maxValue={lastStep}
      value={moved ?? stepOf(view.asOf, span)}
      onChange={setMoved}
      onChangeEnd={(next) => onChange(momentAt(next, span))}
    >
      <div className="wrap">
        <Label>As of</Label>
        <SliderOutput>
          <strong title={at === undefined ? '' : utcTime(Date.parse(at))}>
            {at === undefined ? 'now' : localTime(Date.parse(at))}
          </strong>
        </SliderOutput>
        <MomentField word="exactly" at={view.asOf} onChange={onChange} />
        {view.asOf !== undefined && (
          <Button tone="quiet" onPress={() => onChange(undefined)}>
            Back to now
          </Button>
        )}
      </div>
      <SliderTrack className="slider-track">
        <SliderThumb className="slider-thumb" />
      </SliderTrack>
    </Slider>
  )
}

type Change = (part: Partial<Record<keyof DeviceView, string | undefined>>) => void

const ItemFilter = ({ device, view, onChange: change }: { device: Device; view: DeviceView; onChange: Change }) => {
  const [name, setName] = useState(view.name ?? '')
  return (
    <form
      role="search"
      className="wrap"
      onSubmit={(event) => {
        event.preventDefault()
        change({ name: name.trim() === '' ? undefined : name.trim() })
      }}
    >
      <SearchField label="Name of an item" hint="Exact name, then Enter" value={name} onChange={setName} />
      <Choice
        label="Surface"
        none="Every surface"
        value={view.surface ?? ''}
        options={device.coverage.map(({ surface }) => [surface, surface] as const)}
        onChange={(surface) => change({ surface: surface === '' ? undefined : surface })}
      />
      <Button
        onPress={() =>
          void saveTable('inventory', INVENTORY_CSV, allItems('deviceInventory', inventoryOf(device.id, view)))
        }
      >
        CSV
      </Button>
    </form>
  )
}

export const Inventory = ({ device, view }: { readonly device: Device; readonly view: DeviceView }) => {
  const navigate = useNavigate()
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    ...inventoryQuery(device.id, view),
    placeholderData: keepPreviousData,
  })
  const change: Change = (part) =>
    void navigate({
      to: '/devices/$id',
      params: { id: device.id },
      search: { ...view, ...part } as DeviceView,
      replace: true,
    })
  return (
    <>
      <TimeSlider device={device} view={view} onChange={(asOf) => change({ asOf })} />
      <ItemFilter key={view.name} device={device} view={view} onChange={change} />
      <Trouble fault={error} />
      <Rows
        label="Inventory"
        columns={columns}
        rows={error === null ? data : []}
        idOf={({ surface, itemId }) => `${surface} ${itemId}`}
        hasMore={hasNextPage}
        onMore={() => void fetchNextPage()}
        empty={
          <Empty title="Nothing was seen">
            <p>
              Either nothing was there at that moment, or these surfaces had not been looked at; the coverage of the
              device says which.
            </p>
          </Empty>
        }
        foot={
          data !== undefined && (
            <span>
              {data.length.toLocaleString()}
              {hasNextPage ? ' loaded, more follow' : ' items'}
            </span>
          )
        }
      />
    </>
  )
}
