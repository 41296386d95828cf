// The devices: filtered and found by the server, drawn as far as one scrolls, chosen for what is done to many.
// What an address means is decide.ts; what is done to many is bulk.tsx.
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import { Empty, PageHead } from '../../parts/blocks.tsx'
import { Button, Trouble } from '../../parts/controls.tsx'
import {
  coverageLooks,
  livenessLooks,
  Mark,
  Pill,
  policyLooks,
  severityLooks,
  statusLooks,
} from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import type { ItemOf } from '../../wire/ask.ts'
import { allItems } from '../../wire/lists.ts'
import { useMay } from '../../wire/me.ts'
import { Bulk } from './bulk.tsx'
import {
  DEVICES_CSV,
  type DevicesView,
  isFiltered,
  leastKnown,
  nameOf,
  queryOfView,
  readDevicesView,
  sortingOf,
  wordsOfSorting,
} from './decide.ts'
import { Filters } from './filters.tsx'
import { devicesQuery, type Picked } from './query.ts'

type Device = ItemOf<'listDevices'>

const Worst = ({ openFindings }: Pick<Device, 'openFindings'>) => {
  const worst = (['critical', 'suspicious', 'notable', 'info'] as const).find((one) => openFindings[one] > 0)
  if (worst === undefined) return <span className="faint">none</span>
  const { word } = severityLooks[worst]
  return <Pill look={{ ...severityLooks[worst], word: `${openFindings[worst].toLocaleString()} ${word}` }} />
}

const columns: readonly Column<Device>[] = [
  {
    id: 'name',
    title: 'Device',
    sorts: true,
    width: 'minmax(9rem, 2fr)',
    cell: (device) => (
      <Link to="/devices/$id" params={{ id: device.id }} tabIndex={-1}>
        <Said text={nameOf(device)} />
      </Link>
    ),
  },
  {
    id: 'liveness',
    title: 'State',
    sorts: true,
    width: '5.5rem',
    cell: ({ status, liveness }) => <Mark look={status === 'active' ? livenessLooks[liveness] : statusLooks[status]} />,
  },
  {
    id: 'lastContact',
    title: 'Last contact',
    sorts: true,
    width: '7rem',
    isExtra: true,
    cell: ({ lastContactAt }) => <Moment at={lastContactAt} />,
  },
  {
    id: 'findings',
    title: 'Open findings',
    width: '8rem',
    cell: ({ openFindings }) => <Worst openFindings={openFindings} />,
  },
  {
    id: 'policy',
    title: 'Policy',
    width: '5.5rem',
    isExtra: true,
    cell: ({ policy }) => <Mark look={policyLooks[policy.status]} />,
  },
  {
    id: 'coverage',
    title: 'Coverage',
    sorts: true,
    width: '6rem',
    isExtra: true,
    cell: ({ coverage }) => <Mark look={coverageLooks[leastKnown(coverage)]} />,
  },
  {
    id: 'os',
    title: 'System',
    sorts: true,
    width: 'minmax(7rem, 1.4fr)',
    isExtra: true,
    cell: ({ osVersion }) => <Said text={osVersion} />,
  },
  {
    id: 'tags',
    title: 'Tags',
    width: 'minmax(5rem, 1fr)',
    isExtra: true,
    cell: ({ tags }) =>
      tags.map((tag) => (
        <Link key={tag} to="/devices" search={{ tag }} className="tag" tabIndex={-1} title={`Devices tagged ${tag}`}>
          {tag}
        </Link>
      )),
  },
]

const NoDevices = ({ view }: { readonly view: DevicesView }) =>
  isFiltered(view) ? (
    <Empty title="No device is like that">
      <p>
        <Link to="/devices">Show all devices</Link>
      </p>
    </Empty>
  ) : (
    <Empty title="No device has joined yet">
      <p>Make an enrolment token and start an agent with it; the device is here a moment later.</p>
      <Link to="/enrolment" className="button" data-tone="main">
        Enrol a device
      </Link>
    </Empty>
  )

const Head = ({ view }: { readonly view: DevicesView }) => {
  const may = useMay()
  return (
    <PageHead title="Devices">
      <Button
        onPress={() => void saveTable('devices', DEVICES_CSV, allItems('listDevices', { query: queryOfView(view) }))}
      >
        CSV
      </Button>
      {may('enrollment-tokens:write') && (
        <Link to="/enrolment" className="button" data-tone="main">
          Enrol a device
        </Link>
      )}
    </PageHead>
  )
}

/** Which devices are chosen: some of those that are loaded, or all that the view finds. */
const useChoice = (view: DevicesView, devices: readonly Device[] | undefined, hasMore: boolean) => {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [allOf, setAllOf] = useState<DevicesView | null>(null)
  const isAll = allOf === view
  const loaded = useMemo(() => (devices ?? []).map(({ id }) => id), [devices])
  const some = useMemo(() => loaded.filter((id) => isAll || chosen.has(id)), [loaded, chosen, isAll])
  const choose = (ids: ReadonlySet<string>): void => {
    setChosen(ids)
    setAllOf(null)
  }
  const picked: Picked = isAll ? { view } : { ids: some }
  return {
    chosen: useMemo(() => new Set(some), [some]),
    isAny: some.length > 0,
    picked,
    howMany: isAll
      ? 'all that the list finds'
      : `${some.length.toLocaleString()} device${some.length === 1 ? '' : 's'}`,
    onAll: hasMore && !isAll && some.length === loaded.length ? () => setAllOf(view) : undefined,
    choose,
    chooseNone: () => choose(new Set()),
  }
}

export const DevicesPage = () => {
  const view = useSearch({ from: '/devices' })
  const navigate = useNavigate()
  const may = useMay()
  const { data: devices, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(devicesQuery(view))
  const { chosen, isAny, picked, howMany, onAll, choose, chooseNone } = useChoice(view, devices, hasNextPage)
  const change = useCallback(
    (part: object) => void navigate({ to: '/devices', search: readDevicesView({ ...view, ...part }), replace: true }),
    [navigate, view],
  )
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage])
  const nameOfId = (id: string): string => {
    const device = devices?.find((one) => one.id === id)
    return device === undefined ? id : nameOf(device)
  }
  return (
    <>
      <Head view={view} />
      <Filters view={view} onChange={change} />
      <Trouble fault={error} />
      <Bulk isAny={isAny} picked={picked} howMany={howMany} onAll={onAll} nameOf={nameOfId} onDone={chooseNone} />
      <Rows
        label="Devices"
        columns={columns}
        rows={error === null ? devices : []}
        idOf={({ id }) => id}
        onOpen={({ id }) => void navigate({ to: '/devices/$id', params: { id } })}
        sorting={sortingOf(view)}
        onSort={(sorting) => change({ sort: undefined, order: undefined, ...wordsOfSorting(sorting) })}
        {...(may('devices:tag') && { chosen, onChoose: choose })}
        hasMore={hasNextPage}
        onMore={more}
        empty={<NoDevices view={view} />}
        foot={
          devices !== undefined && (
            <span>
              {devices.length.toLocaleString()}
              {hasNextPage ? ' loaded, more follow' : ` device${devices.length === 1 ? '' : 's'}`}
            </span>
          )
        }
      />
    </>
  )
}
