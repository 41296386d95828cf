// One device: who it is, what is and was on it, what was found, what happened; each behind a tab that has an address.
// What can be done to it is actions.tsx.
import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import { PageHead, SkeletonLines } from '../../parts/blocks.tsx'
import { Trouble } from '../../parts/controls.tsx'
import { plainText } from '../../parts/decide-text.ts'
import { livenessLooks, Mark, Pill, statusLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Said } from '../../parts/said.tsx'
import { nameOf } from '../devices/decide.ts'
import { About } from './about.tsx'
import { DeviceActions } from './actions.tsx'
import { type Tab, tabs } from './decide.ts'
import { DeviceFindings, Timeline } from './history.tsx'
import { Inventory } from './inventory.tsx'
import { Load } from './load.tsx'
import { deviceQuery } from './query.ts'

const words: Readonly<Record<Tab, string>> = {
  about: 'About',
  inventory: 'Inventory',
  findings: 'Findings',
  load: 'Load',
  timeline: 'Timeline',
}

export const DevicePage = () => {
  const { id } = useParams({ from: '/devices/$id' })
  const view = useSearch({ from: '/devices/$id' })
  const { data: device, error } = useQuery(deviceQuery(id))
  const tab = view.tab ?? 'about'
  if (device === undefined)
    return (
      <>
        <PageHead title="Device" />
        {error === null ? <SkeletonLines lines={10} /> : <Trouble fault={error} />}
      </>
    )
  const { openFindings: open, status, liveness } = device
  const findings = open.critical + open.suspicious + open.notable + open.info
  return (
    <>
      <PageHead
        title={plainText(nameOf(device)).slice(0, 80)}
        heading={<Said text={nameOf(device)} />}
        lead={
          <span className="wrap">
            {status === 'active' ? <Mark look={livenessLooks[liveness]} /> : <Pill look={statusLooks[status]} />}
            <span>
              last contact <Moment at={device.lastContactAt} />
            </span>
            {device.statusReason !== null && <Said text={device.statusReason} />}
            {device.mergedIntoId !== null && (
              <Link to="/devices/$id" params={{ id: device.mergedIntoId }}>
                read under its present name
              </Link>
            )}
          </span>
        }
      >
        <DeviceActions device={device} />
      </PageHead>
      <nav className="tabs" aria-label="About this device">
        {tabs.map((one) => (
          <Link
            key={one}
            to="/devices/$id"
            params={{ id }}
            search={one === 'about' ? {} : { tab: one }}
            className="tab"
            activeOptions={{ exact: true, includeSearch: true }}
          >
            {words[one]}
            {one === 'findings' && findings > 0 && <span className="faint"> {findings.toLocaleString()}</span>}
          </Link>
        ))}
      </nav>
      {tab === 'about' && <About device={device} />}
      {tab === 'inventory' && <Inventory device={device} view={view} />}
      {tab === 'findings' && <DeviceFindings id={id} />}
      {tab === 'load' && <Load device={device} view={view} />}
      {tab === 'timeline' && <Timeline id={id} />}
    </>
  )
}
