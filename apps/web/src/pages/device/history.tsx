// What was found on a device, and what happened to it.
// Both are lists of the API, newest first; the evidence of a finding is read on the page of findings.
import type { Finding } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Card, Empty, SkeletonLines } from '../../parts/blocks.tsx'
import { Button, Trouble } from '../../parts/controls.tsx'
import { Pill, severityLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import type { ItemOf } from '../../wire/ask.ts'
import { allItems } from '../../wire/lists.ts'
import { FINDINGS_CSV } from '../findings/decide.ts'
import { findingsQuery, timelineQuery } from './query.ts'

/** Where its evidence is read, beside the others of its device. */
const evidenceOf = ({ id, deviceId }: Finding) => ({ state: 'any', device: deviceId, finding: id }) as const

const columns: readonly Column<Finding>[] = [
  { id: 'severity', title: 'Severity', width: '7rem', cell: ({ severity }) => <Pill look={severityLooks[severity]} /> },
  {
    id: 'title',
    title: 'Finding',
    width: 'minmax(8rem, 2fr)',
    cell: (finding) => (
      <Link to="/findings" search={evidenceOf(finding)} tabIndex={-1}>
        <Said text={finding.title} />
      </Link>
    ),
  },
  { id: 'item', title: 'Item', width: 'minmax(7rem, 1.5fr)', cell: ({ itemName }) => <Said text={itemName} /> },
  { id: 'state', title: 'State', width: '6rem', isExtra: true, cell: ({ state }) => state },
  {
    id: 'seen',
    title: 'Last seen',
    width: '8rem',
    isExtra: true,
    cell: ({ lastObservedAt }) => <Moment at={lastObservedAt} />,
  },
]

export const DeviceFindings = ({ id }: { readonly id: string }) => {
  const navigate = useNavigate()
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(findingsQuery(id))
  return (
    <>
      <Trouble fault={error} />
      <Rows
        label="Findings"
        columns={columns}
        rows={error === null ? data : []}
        idOf={(finding) => finding.id}
        onOpen={(finding) => void navigate({ to: '/findings', search: evidenceOf(finding) })}
        hasMore={hasNextPage}
        onMore={() => void fetchNextPage()}
        empty={
          <Empty title="No rule has found anything here">
            <p>Rules come with a policy, or from the device's own file.</p>
          </Empty>
        }
        foot={
          <Button
            tone="quiet"
            onPress={() =>
              void saveTable('findings', FINDINGS_CSV, allItems('listFindings', { query: { deviceId: id } }))
            }
          >
            CSV
          </Button>
        }
      />
    </>
  )
}

type Line = ItemOf<'deviceTimeline'>

const detailOf = ({ detail }: Pick<Line, 'detail'>): string =>
  Object.entries(detail)
    .filter(([, value]) => value !== null && value !== '')
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' · ')

const TIMELINE_CSV: CsvTable<Line> = {
  columns: ['at', 'what', 'by', 'detail'],
  rowsOf: (line) => [[line.at, line.what, line.by, JSON.stringify(line.detail)]],
}

export const Timeline = ({ id }: { readonly id: string }) => {
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(timelineQuery(id))
  const save = (): void => void saveTable('timeline', TIMELINE_CSV, allItems('deviceTimeline', { params: { id } }))
  return (
    <Card
      title="Timeline"
      aside={
        <Button tone="quiet" onPress={save}>
          CSV
        </Button>
      }
    >
      <Trouble fault={error} />
      {data === undefined && error === null && <SkeletonLines lines={6} />}
      <ol>
        {data?.map((line, at) => (
          <li key={`${line.at} ${at}`} className="moment-line">
            <span className="soft">
              <Moment at={line.at} exact />
            </span>
            <div>
              <strong>{line.what}</strong>
              {line.by !== null && (
                <span className="soft">
                  {' '}
                  by <Said text={line.by} />
                </span>
              )}
              <div className="soft small">
                <Said text={detailOf(line)} />
              </div>
            </div>
          </li>
        ))}
      </ol>
      {hasNextPage && <Button onPress={() => void fetchNextPage()}>Earlier</Button>}
    </Card>
  )
}
