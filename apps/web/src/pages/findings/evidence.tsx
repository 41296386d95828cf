// The evidence of one finding: what was seen where, which rule saw it, and since when.
// Which finding is open stands in the address.
import type { Finding } from '@muster/contract'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Beside } from '../../parts/beside.tsx'
import { Facts, SkeletonLines } from '../../parts/blocks.tsx'
import { Trouble } from '../../parts/controls.tsx'
import { Pill, severityLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Said, SaidInFull } from '../../parts/said.tsx'
import { findingQuery } from './query.ts'

const resolutionWords: Readonly<Record<NonNullable<Finding['resolution']>, string>> = {
  device_retired: 'the device was retired',
}

const stateText = ({ state, resolution, resolvedBy, resolvedAt }: Finding) =>
  state === 'open' ? (
    'open'
  ) : (
    <span>
      resolved <Moment at={resolvedAt} />
      {resolution !== null && `: ${resolutionWords[resolution]}`}
      {resolvedBy !== null && (
        <>
          , by <Said text={resolvedBy} />
        </>
      )}
    </span>
  )

const seenFacts = (finding: Finding) =>
  [
    ['First seen', <Moment key="f" at={finding.firstObservedAt} exact />],
    ['Last seen', <Moment key="l" at={finding.lastObservedAt} exact />],
    ['Seen', `${finding.count.toLocaleString()} time${finding.count === 1 ? '' : 's'}`],
    ['The item is', finding.itemPresent ? 'still there' : 'gone'],
    ...(finding.reopenCount === 0 ? [] : [['Came back', `${finding.reopenCount.toLocaleString()} times`] as const]),
  ] as const

const evidenceFacts = ({ evidence: { path, detail, matchedField, matchedValue } }: Finding) => {
  const said: Readonly<Record<string, string | null>> = {
    Path: path,
    Matched: matchedField,
    Value: matchedValue,
    Detail: detail,
  }
  return Object.entries(said).flatMap(([name, text]) =>
    text === null || text === '' ? [] : [[name, <SaidInFull key={name} text={text} />] as const],
  )
}

const Evidence = ({ finding }: { readonly finding: Finding }) => (
  <>
    <p className="wrap">
      <Pill look={severityLooks[finding.severity]} />
      <span className="soft">{stateText(finding)}</span>
    </p>
    <p>
      <SaidInFull text={finding.rationale} />
    </p>
    <Facts
      facts={[
        ['Item', <SaidInFull key="i" text={finding.itemName} />],
        [
          'Device',
          <Link key="d" to="/devices/$id" params={{ id: finding.deviceId }}>
            <Said text={finding.hostname} />
          </Link>,
        ],
        ['Surface', <Said key="s" text={finding.surface} />],
        ...evidenceFacts(finding),
        ...seenFacts(finding),
        [
          'Rule',
          <Link key="r" to="/findings" search={{ rule: finding.ruleId, finding: finding.id }}>
            <Said text={finding.ruleId} />
          </Link>,
        ],
        ['Id', <code key="id">{finding.id}</code>],
      ]}
    />
    <Link to="/findings" search={{ device: finding.deviceId, finding: finding.id }}>
      All open findings of this device
    </Link>
  </>
)

export const EvidenceBeside = ({ id, onClose }: { readonly id: string; readonly onClose: () => void }) => {
  const { data: finding, error } = useQuery(findingQuery(id))
  return (
    <Beside
      label="Evidence"
      title={finding === undefined ? 'Finding' : <Said text={finding.title} />}
      onClose={onClose}
    >
      <Trouble fault={error} />
      {finding === undefined && error === null && <SkeletonLines lines={8} />}
      {finding !== undefined && <Evidence finding={finding} />}
    </Beside>
  )
}
