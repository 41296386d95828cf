// Who a device is: identity, certificates, policy, and which surfaces of it are seen how well.
// What it holds is inventory.tsx.
import type { Device } from '@muster/contract'
import { Link } from '@tanstack/react-router'
import { Card, Facts } from '../../parts/blocks.tsx'
import { coverageLooks, Mark, Pill, policyLooks, statusLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Said, SaidInFull } from '../../parts/said.tsx'
import { Planes } from './planes.tsx'

const orNone = (text: string | null) =>
  text === null || text === '' ? <span className="faint">none</span> : <SaidInFull text={text} />

/** Other records that may be, or were, this machine. */
const Others = ({ word, ids }: { readonly word: string; readonly ids: readonly string[] }) =>
  ids.length > 0 && (
    <p className="wrap">
      <span className="soft">{word}</span>
      {ids.map((id) => (
        <Link key={id} to="/devices/$id" params={{ id }}>
          <code className="small">{id}</code>
        </Link>
      ))}
    </p>
  )

const Identity = ({ device }: { readonly device: Device }) => (
  <Card title="Identity">
    <Facts
      facts={[
        ['Host name', <SaidInFull key="h" text={device.hostname} />],
        ['System', <SaidInFull key="s" text={device.osVersion} />],
        ['Hardware', <SaidInFull key="w" text={device.hardwareModel} />],
        ['Sensor', <SaidInFull key="v" text={device.sensorVersion} />],
        ['Owner', orNone(device.owner)],
        ['Notes', orNone(device.notes)],
        [
          'Tags',
          device.tags.length === 0 ? (
            <span className="faint">none</span>
          ) : (
            <span className="wrap">
              {device.tags.map((tag) => (
                <span key={tag} className="tag">
                  {tag}
                </span>
              ))}
            </span>
          ),
        ],
        [
          'Groups',
          device.groups.length === 0 ? <span className="faint">none</span> : <Said text={device.groups.join(', ')} />,
        ],
        [
          'Id',
          <code key="i" className="small">
            {device.id}
          </code>,
        ],
        [
          'Key',
          <code key="k" className="small">
            {device.keyFingerprint}
          </code>,
        ],
        ['Enrolled', <Moment key="e" at={device.enrolledAt} exact />],
      ]}
    />
    <Others word="May be the same machine as" ids={device.mergeCandidates} />
    <Others word="Was before" ids={device.formerIds} />
    {device.keyInOtherTenant && <p className="mark tone-critical">The same key is enrolled in another tenant, too.</p>}
  </Card>
)

const Contact = ({ device }: { readonly device: Device }) => {
  const { policy } = device
  return (
    <Card title="Contact and policy">
      <Facts
        facts={[
          ['Last contact', <Moment key="c" at={device.lastContactAt} />],
          ['Last check-in', <Moment key="i" at={device.lastCheckInAt} />],
          [
            'Waiting there',
            `${device.backlog.events.toLocaleString()} events, ${device.backlog.bytes.toLocaleString()} bytes`,
          ],
          [
            'Clock',
            device.clockSkewSeconds === null ? 'unknown' : `${Math.round(device.clockSkewSeconds)} s behind ours`,
          ],
          ...(device.goneDarkAt === null
            ? []
            : [['Fell silent', <Moment key="d" at={device.goneDarkAt} exact />] as const]),
          ...(device.resnapshotRequested ? [['Asked to', 'scan everything again'] as const] : []),
          ...(device.dataDeletion === null
            ? []
            : [['Its data', device.dataDeletion.finishedAt === null ? 'is being deleted' : 'was deleted'] as const]),
          ['Policy', <Mark key="p" look={policyLooks[policy.status]} />],
          ['Assigned', policy.assignedGeneration ?? 'none: its own file'],
          ['Reported', policy.reportedGeneration ?? 'nothing yet'],
        ]}
      />
    </Card>
  )
}

const Coverage = ({ device }: { readonly device: Device }) => (
  <Card title="Coverage by surface" aside="not observed is not the same as not present">
    {device.coverage.length === 0 ? (
      <p className="soft">Nothing was received from this device yet. Its first scan takes a moment.</p>
    ) : (
      <ul className="attention">
        {device.coverage.map(({ surface, state, baselineAt, lastEventAt }) => (
          <li key={surface}>
            <span className="grows">
              <Said text={surface} />
              <span className="soft small block-line">
                <Moment at={lastEventAt ?? baselineAt} />
              </span>
            </span>
            <Mark look={coverageLooks[state]} />
          </li>
        ))}
      </ul>
    )}
  </Card>
)

const Certificates = ({ device }: { readonly device: Device }) => (
  <Card title="Certificates">
    <ul className="attention">
      {device.certificates.map(({ serial, issuedAt, expiresAt, revokedAt }) => (
        <li key={serial}>
          <span className="grows">
            <code>{serial}</code>
            <span className="soft small block-line">
              from <Moment at={issuedAt} exact /> until <Moment at={expiresAt} exact />
            </span>
          </span>
          {revokedAt === null ? (
            <Pill look={{ ...statusLooks.active, word: 'good' }} />
          ) : (
            <Pill look={statusLooks.revoked} />
          )}
        </li>
      ))}
    </ul>
  </Card>
)

export const About = ({ device }: { readonly device: Device }) => (
  <div className="cards">
    <Identity device={device} />
    <Contact device={device} />
    <Planes device={device} />
    <Coverage device={device} />
    <Certificates device={device} />
  </div>
)
