// The overview: how alive the fleet is, what needs somebody, what was found and what changed; live while it is open.
// What needs somebody is decided in decide.ts.
import type { Liveness } from '@muster/contract'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Adoption } from '../../parts/adoption.tsx'
import { Card, Empty, PageHead, SkeletonLines } from '../../parts/blocks.tsx'
import { Trouble } from '../../parts/controls.tsx'
import { shareOf } from '../../parts/decide-share.ts'
import { Icon } from '../../parts/icon.tsx'
import { livenessLooks, Mark, Pill, severityLooks } from '../../parts/marks.tsx'
import { Moment, useNow } from '../../parts/moment.tsx'
import { Said } from '../../parts/said.tsx'
import { saveShown } from '../../parts/save-table.ts'
import type { AnswerTo } from '../../wire/ask.ts'
import { useMay } from '../../wire/me.ts'
import { FINDINGS_CSV } from '../findings/decide.ts'
import { Activity } from './activity.tsx'
import { FleetCoverage } from './coverage.tsx'
import { Csv } from './csv.tsx'
import { attentionsOf } from './decide.ts'
import { adoptionsQuery, newestChangesQuery, newestFindingsQuery, statusQuery } from './query.ts'
import { ADOPTION_CSV, CHANGES_CSV } from './tables.ts'

type Status = AnswerTo<'readStatus'>

const livenessOrder: readonly Liveness[] = ['online', 'idle', 'offline', 'dormant']

const Figures = ({ status }: { readonly status: Status }) => {
  const { devices, openFindings, events } = status
  const open = openFindings.critical + openFindings.suspicious + openFindings.notable + openFindings.info
  return (
    <div className="figures">
      <Link className="figure" to="/devices">
        <span className="value">{devices.total.toLocaleString()}</span>
        <span className="name">devices</span>
      </Link>
      <Link className="figure" to="/devices" search={{ liveness: 'online' }}>
        <span className="value">{devices.byLiveness.online.toLocaleString()}</span>
        <span className="name">
          <Mark look={livenessLooks.online} />
        </span>
      </Link>
      <Link className="figure" to="/findings">
        <span className="value">{open.toLocaleString()}</span>
        <span className="name">open findings</span>
      </Link>
      <div className="figure">
        <span className="value">
          {events.isExact ? '' : '≥ '}
          {events.stored.toLocaleString()}
        </span>
        <span className="name">
          events · last <Moment at={events.lastReceivedAt} />
        </span>
      </div>
    </div>
  )
}

const Livenesses = ({ status }: { readonly status: Status }) => {
  const { byLiveness } = status.devices
  const total = livenessOrder.reduce((sum, one) => sum + byLiveness[one], 0)
  return (
    <Card title="Devices by liveness" aside={`${total.toLocaleString()} active`}>
      <div className="bar" aria-hidden="true">
        {livenessOrder.map((one) => (
          <span
            key={one}
            className={`tone-${livenessLooks[one].tone}`}
            style={{ width: `${shareOf(byLiveness[one], total)}%`, opacity: one === 'dormant' ? 0.45 : 1 }}
          />
        ))}
      </div>
      <ul className="legend">
        {livenessOrder.map((one) => (
          <li key={one}>
            <Link to="/devices" search={{ liveness: one }}>
              <Mark look={livenessLooks[one]} />
            </Link>
            <span>{byLiveness[one].toLocaleString()}</span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

const Attentions = ({ status }: { readonly status: Status }) => {
  const now = useNow()
  const attentions = attentionsOf(status, now)
  return (
    <Card title="Needs attention">
      {attentions.length === 0 ? (
        <p className="wrap">
          <span className="mark tone-good">
            <Icon name="check" />
          </span>
          Nothing at the moment.
        </p>
      ) : (
        <ul className="attention">
          {attentions.map(({ severity, text, to }) => (
            <li key={text}>
              <Pill look={severityLooks[severity]} />
              <a href={to}>{text}</a>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

const NewestFindings = () => {
  const { data, error } = useQuery(newestFindingsQuery)
  return (
    <Card
      title="Newest open findings"
      aside={<Csv name="Newest open findings" onPress={() => saveShown('findings', FINDINGS_CSV, data?.items ?? [])} />}
    >
      <Trouble fault={error} />
      {data === undefined && error === null && <SkeletonLines lines={5} />}
      {data?.items.length === 0 && <p className="soft">No rule has found anything. Rules come with a policy.</p>}
      <ul className="attention">
        {data?.items.map((finding) => (
          <li key={finding.id}>
            <Pill look={severityLooks[finding.severity]} />
            <Link to="/findings" search={{ finding: finding.id }}>
              <Said text={finding.title} />: <Said text={finding.itemName} />
            </Link>
            <span className="faint small">
              <Moment at={finding.lastObservedAt} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

const changeWords = { added: '+', modified: '~', removed: '−', detected: '!' } as const

const NewestChanges = () => {
  const { data, error } = useQuery(newestChangesQuery)
  return (
    <Card
      title="Newest changes"
      aside={<Csv name="Newest changes" onPress={() => saveShown('changes', CHANGES_CSV, data?.items ?? [])} />}
    >
      <Trouble fault={error} />
      {data === undefined && error === null && <SkeletonLines lines={5} />}
      {data?.items.length === 0 && (
        <p className="soft">Nothing changed since the first scans. Changes show here within seconds.</p>
      )}
      <ul className="attention">
        {data?.items.map((change) => (
          <li key={`${change.deviceId} ${change.eventId}`}>
            <span className="mono" title={change.change}>
              {changeWords[change.change as keyof typeof changeWords] ?? '·'}
              <span className="unseen">{change.change}</span>
            </span>
            <Link to="/devices/$id" params={{ id: change.deviceId }} search={{ tab: 'inventory' }}>
              <Said text={change.name} /> {change.version !== null && <Said text={change.version} />}{' '}
              <span className="soft">
                on <Said text={change.hostname} />
              </span>
            </Link>
            <span className="faint small">
              <Moment at={change.receivedAt} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

const Adoptions = () => {
  const { data, error } = useQuery(adoptionsQuery)
  return (
    <Card
      title="Policies in force"
      aside={<Csv name="Policies in force" onPress={() => saveShown('adoption', ADOPTION_CSV, data ?? [])} />}
    >
      <Trouble fault={error} />
      {data === undefined && error === null && <SkeletonLines lines={3} />}
      {data?.length === 0 && (
        <p className="soft">
          No policy is published: devices use the rules of their own file. <Link to="/policies">Publish one</Link>.
        </p>
      )}
      <div className="stack">
        {data?.map(({ policy, adoption }) => (
          <div key={policy.id} className="stack-tight">
            <div className="wrap">
              <strong>
                <Said text={policy.name} />
              </strong>
              <span className="faint small mono">{policy.generation}</span>
            </div>
            {adoption !== undefined && <Adoption adoption={adoption} />}
          </div>
        ))}
      </div>
    </Card>
  )
}

const FirstSteps = () => {
  const may = useMay()
  return (
    <section className="card" aria-label="First steps">
      <Empty title="No device has joined yet">
        <p>A device joins with an enrolment token: one is made in a moment, and the page shows what to paste where.</p>
        {may('enrollment-tokens:write') && (
          <Link to="/enrolment" className="button" data-tone="main">
            Enrol a device
          </Link>
        )}
      </Empty>
    </section>
  )
}

export const OverviewPage = () => {
  const { data: status, error } = useQuery(statusQuery)
  return (
    <>
      <PageHead title="Overview" />
      <Trouble fault={error} />
      {status === undefined && error === null && <SkeletonLines lines={8} />}
      {status?.devices.total === 0 && <FirstSteps />}
      {status !== undefined && status.devices.total > 0 && (
        <>
          <Figures status={status} />
          <Attentions status={status} />
          <Activity />
          <div className="cards">
            <Livenesses status={status} />
            <FleetCoverage />
            <NewestFindings />
            <NewestChanges />
            <Adoptions />
          </div>
        </>
      )}
    </>
  )
}
