// One device of an answer: every place and time at which it had what was searched for, and what was found on it there.
// Which device is open stands in the address.
import type { SearchHit, SearchInterval } from '@muster/contract'
import { Link } from '@tanstack/react-router'
import { Beside } from '../../parts/beside.tsx'
import { Facts } from '../../parts/blocks.tsx'
import { livenessLooks, Mark, Pill, verdictLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Said, SaidInFull } from '../../parts/said.tsx'
import { endWords, unknownReasons, verdictMeanings } from './decide.ts'

const Interval = ({ interval }: { readonly interval: SearchInterval }) => {
  const { name, version, surface, path, from, fromKind, to, toKind, possiblyStale, lastConfirmedAt } = interval
  return (
    <li className="stack-tight">
      <strong>
        <Said text={name} /> {version !== null && <Said text={version} />}
      </strong>
      <Facts
        facts={[
          [
            'Since',
            <span key="from">
              {fromKind === 'baseline' && 'at or before '}
              <Moment at={from} exact />
            </span>,
          ],
          [
            'Until',
            to === null ? (
              possiblyStale ? (
                'may be gone: a neighbour was confirmed later and this was not'
              ) : (
                'still there'
              )
            ) : (
              <span key="to">
                <Moment at={to} exact />
                {toKind !== null && `, ${endWords[toKind]}`}
              </span>
            ),
          ],
          ['Confirmed', <Moment key="c" at={lastConfirmedAt} />],
          ['Where', <SaidInFull key="p" text={path} />],
          ['Surface', <Said key="s" text={surface} />],
        ]}
      />
      {interval.versionUnparsed && <p className="soft small">The version could not be compared with a range.</p>}
    </li>
  )
}

export const HitBeside = ({ hit, onClose }: { readonly hit: SearchHit; readonly onClose: () => void }) => (
  <Beside title={<Said text={hit.displayName ?? hit.hostname} />} label="Evidence" onClose={onClose}>
    <p className="wrap">
      <Pill look={verdictLooks[hit.verdict]} />
      <span className="soft">
        {hit.unknownReason === null ? verdictMeanings[hit.verdict] : unknownReasons[hit.unknownReason]}
      </span>
    </p>
    <Facts
      facts={[
        ['Device', <Mark key="l" look={livenessLooks[hit.liveness]} />],
        ['Owner', hit.owner === null ? <span className="faint">none</span> : <SaidInFull key="o" text={hit.owner} />],
        ...(hit.groups.length === 0 ? [] : [['Groups', <Said key="g" text={hit.groups.join(', ')} />] as const]),
      ]}
    />
    <ol className="stack">
      {hit.intervals.map((interval) => (
        <Interval
          key={`${interval.surface} ${interval.path} ${interval.version} ${interval.from}`}
          interval={interval}
        />
      ))}
    </ol>
    {hit.findingIds.length > 0 && (
      <p className="wrap">
        <span className="soft">Findings about it</span>
        {hit.findingIds.map((finding) => (
          <Link key={finding} to="/findings" search={{ state: 'any', device: hit.deviceId, finding }}>
            {finding}
          </Link>
        ))}
      </p>
    )}
    <Link to="/devices/$id" params={{ id: hit.deviceId }} search={{ tab: 'inventory' }} className="button">
      Open the device
    </Link>
  </Beside>
)
