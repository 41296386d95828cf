// Which planes a device joined and when each was last heard, and how far anything can go there: what its own file settles,
// as far as its agent told it with its heartbeats.
import type { Device, DeviceCeiling, Plane } from '@muster/contract'
import { Card } from '../../parts/blocks.tsx'
import { Mark } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { planes } from '../../wire/routes.built.ts'
import { isOwnAgent } from './decide.ts'

const says: Readonly<Record<Plane, string>> = {
  observe: 'tells what is on the machine and what changed',
  telemetry: 'tells once a minute how the machine does',
}

const heardAt = ({ lastCheckInAt, heartbeat }: Device): Readonly<Record<Plane, string | null>> => ({
  observe: lastCheckInAt,
  telemetry: heartbeat?.receivedAt ?? null,
})

const Joined = ({ device }: { readonly device: Device }) => (
  <ul className="attention">
    {planes.map((plane) => {
      const hasJoined = device.planes.includes(plane)
      return (
        <li key={plane}>
          <span className="grows">
            <strong>{plane}</strong> <span className="soft">{says[plane]}</span>
          </span>
          <Mark
            look={
              hasJoined
                ? { word: 'joined', icon: 'check', tone: 'good' }
                : { word: 'not joined', icon: 'dash', tone: 'info' }
            }
          />
          <span className="soft small">
            {hasJoined && <Moment at={heardAt(device)[plane]} never="not heard yet" />}
          </span>
        </li>
      )
    })}
  </ul>
)

const Ceiling = ({ ceiling }: { readonly ceiling: DeviceCeiling }) => (
  <>
    <p>
      Its owner lets it run {ceiling.planes.join(' and ') || 'no plane'}, {ceiling.jobs ? 'and jobs' : 'and no jobs'}.
      No policy goes beyond.
    </p>
    {ceiling.scanRoots.length > 0 && (
      <>
        <p className="soft">Projects are looked for below these folders and nowhere else:</p>
        <ul>
          {ceiling.scanRoots.map((root) => (
            <li key={root}>
              <code>{root}</code>
            </li>
          ))}
          {ceiling.scanRootsLeftOff > 0 && <li>and {ceiling.scanRootsLeftOff} more, which it left off</li>}
        </ul>
      </>
    )}
  </>
)

export const Planes = ({ device }: { readonly device: Device }) => (
  <Card title="Planes and local ceiling">
    <div className="stack-tight">
      <Joined device={device} />
      <p>On neither of them can a server make the machine run, fetch, write or block anything.</p>
      {device.ceiling !== null ? (
        <Ceiling ceiling={device.ceiling} />
      ) : isOwnAgent(device) ? (
        <p className="soft">
          The agent's own file on the machine settles which planes it joins and which folders it may look into; no
          policy goes beyond. It tells so with its heartbeats, and has not yet. On the machine,{' '}
          <code>muster-agent explain</code> shows it.
        </p>
      ) : (
        <p className="soft">
          What speaks for this device does not call itself Muster's own agent: whether its owner set it a ceiling is not
          known here.
        </p>
      )}
    </div>
  </Card>
)
