// The devices: filtered and found by the server, drawn as far as one scrolls, chosen for what is done to many.
// What an address means is decide.ts; what is done to many is bulk.tsx.
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react'
import { Empty, PageHead } from '../../parts/blocks.tsx'
import { Button, Choice, Trouble } from '../../parts/controls.tsx'
import { pairs } from '../../parts/decide-words.ts'
import { livenessLooks, Mark, Pill, policyLooks, severityLooks, statusLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import { SearchField } from '../../parts/search-field.tsx'
import type { ItemOf } from '../../wire/ask.ts'
import { allItems } from '../../wire/lists.ts'
import { useMay } from '../../wire/me.ts'
import { deviceStatuses, livenesses, policyStatuses } from '../../wire/routes.built.ts'
import { Bulk } from './bulk.tsx'
import { DEVICES_CSV, type DevicesView, isFiltered, nameOf, queryOfView, readDevicesView } from './decide.ts'
import { devicesQuery } from './query.ts'
import { SavedViews } from './saved-views.tsx'

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
    width: '6.5rem',
    cell: ({ status, liveness }) => <Mark look={status === 'active' ? livenessLooks[liveness] : statusLooks[status]} />,
  },
  {
    id: 'contact',
    title: 'Last contact',
    width: '8rem',
    isExtra: true,
    cell: ({ lastContactAt }) => <Moment at={lastContactAt} />,
  },
  {
    id: 'findings',
    title: 'Open findings',
    width: '8.5rem',
    cell: ({ openFindings }) => <Worst openFindings={openFindings} />,
  },
  {
    id: 'policy',
    title: 'Policy',
    width: '6.5rem',
    isExtra: true,
    cell: ({ policy }) => <Mark look={policyLooks[policy.status]} />,
  },
  {
    id: 'os',
    title: 'System',
    width: 'minmax(8rem, 1.4fr)',
    isExtra: true,
    cell: ({ osVersion }) => <Said text={osVersion} />,
  },
  {
    id: 'tags',
    title: 'Tags',
    width: 'minmax(6rem, 1fr)',
    isExtra: true,
    cell: ({ tags }) =>
      tags.map((tag) => (
        <span key={tag} className="tag">
          {tag}
        </span>
      )),
  },
]

const Filters = ({ view, onChange }: { readonly view: DevicesView; readonly onChange: (change: object) => void }) => {
  const [name, setName] = useState(view.name ?? '')
  const asked = useDeferredValue(name)
  useEffect(() => setName(view.name ?? ''), [view.name])
  useEffect(() => {
    const later = setTimeout(() => {
      if (asked.trim() !== (view.name ?? '')) onChange({ name: asked })
    }, 200)
    return () => clearTimeout(later)
  }, [asked, view.name, onChange])
  return (
    <search className="wrap">
      <SearchField label="Name contains" hint="Name contains…" value={name} onChange={setName} />
      <Choice
        label="Liveness"
        none="Any liveness"
        value={view.liveness ?? ''}
        options={pairs(livenesses)}
        onChange={(liveness) => onChange({ liveness })}
      />
      <Choice
        label="Status"
        none="Active, revoked"
        value={view.status ?? ''}
        options={pairs(deviceStatuses)}
        onChange={(status) => onChange({ status })}
      />
      <Choice
        label="Policy"
        none="Any policy state"
        value={view.policyStatus ?? ''}
        options={pairs(policyStatuses)}
        onChange={(policyStatus) => onChange({ policyStatus })}
      />
      {(['tag', 'group', 'enrollmentTokenId', 'goneDark'] as const).map(
        (key) =>
          view[key] !== undefined && (
            <Button key={key} tone="quiet" icon="cross" onPress={() => onChange({ [key]: undefined })}>
              {key === 'goneDark' ? 'gone dark' : `${key === 'enrollmentTokenId' ? 'token' : key}: ${view[key]}`}
            </Button>
          ),
      )}
      <SavedViews view={view} />
    </search>
  )
}

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

export const DevicesPage = () => {
  const view = useSearch({ from: '/devices' })
  const navigate = useNavigate()
  const may = useMay()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const { data: devices, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(devicesQuery(view))
  const change = useCallback(
    (part: object) => void navigate({ to: '/devices', search: readDevicesView({ ...view, ...part }), replace: true }),
    [navigate, view],
  )
  const picked = useMemo(() => (devices ?? []).filter(({ id }) => chosen.has(id)), [devices, chosen])
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage])
  return (
    <>
      <Head view={view} />
      <Filters view={view} onChange={change} />
      <Trouble fault={error} />
      <Bulk devices={picked} onDone={() => setChosen(new Set())} />
      <Rows
        label="Devices"
        columns={columns}
        rows={error === null ? devices : []}
        idOf={({ id }) => id}
        onOpen={({ id }) => void navigate({ to: '/devices/$id', params: { id } })}
        {...(may('devices:tag') && { chosen, onChoose: setChosen })}
        hasMore={hasNextPage}
        onMore={more}
        empty={<NoDevices view={view} />}
        foot={
          devices !== undefined && (
            <span>
              {devices.length.toLocaleString()}
              {hasNextPage ? ' loaded, more follow' : ' devices'}
            </span>
          )
        }
      />
    </>
  )
}
