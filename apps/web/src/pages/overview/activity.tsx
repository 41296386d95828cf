// What came in over time: events, and findings by severity, by the day or by the hour; as charts and as a table.
// How a span reads is decide-activity.ts.
import type { ActivityPoint, ActivityResolution } from '@muster/contract'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { AsTable } from '../../parts/as-table.tsx'
import { Card, SkeletonLines } from '../../parts/blocks.tsx'
import { Charts } from '../../parts/charts.tsx'
import { Button, Choice, Trouble } from '../../parts/controls.tsx'
import { Mark, severityLooks } from '../../parts/marks.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { saveTable } from '../../parts/save-table.ts'
import type { AnswerTo } from '../../wire/ask.ts'
import { severities } from '../../wire/routes.built.ts'
import { ACTIVITY_CSV, chartsOf, extentOf, pointWords, spanWords } from './decide-activity.ts'
import { activityQuery } from './query.ts'

type Answer = AnswerTo<'readActivity'>

const columnsFor = (resolution: ActivityResolution): readonly Column<ActivityPoint>[] => [
  {
    id: 'from',
    title: 'When',
    width: 'minmax(9rem, 2fr)',
    cell: ({ from }) => spanWords(Date.parse(from), resolution),
  },
  { id: 'events', title: 'Events', width: '5rem', isNumber: true, cell: ({ events }) => events.toLocaleString() },
  ...severities.toReversed().map((severity) => ({
    id: severity,
    title: severityLooks[severity].word,
    width: '5.5rem',
    isNumber: true,
    isExtra: true,
    cell: ({ findings }: ActivityPoint) => findings[severity].toLocaleString(),
  })),
]

const Drawn = ({ answer: { items, resolution } }: { readonly answer: Answer }) => {
  const { atMs, extent, charts } = useMemo(
    () => ({
      atMs: items.map(({ from }) => Date.parse(from)),
      extent: extentOf(items, resolution),
      charts: chartsOf(items),
    }),
    [items, resolution],
  )
  const wordsAt = (at: number): string => {
    const point = items[at]
    return point === undefined ? '' : pointWords(point, spanWords(Date.parse(point.from), resolution))
  }
  return (
    <Charts label="Events and findings over time" atMs={atMs} {...extent} charts={charts} wordsAt={wordsAt} isRow />
  )
}

const Table = ({ answer: { items, resolution } }: { readonly answer: Answer }) => {
  const save = async function* () {
    yield items
  }
  return (
    <AsTable>
      <Rows
        label="Events and findings"
        columns={columnsFor(resolution)}
        rows={items.toReversed()}
        idOf={({ from }) => from}
        empty={null}
        foot={
          <Button tone="quiet" onPress={() => void saveTable('activity', ACTIVITY_CSV, save())}>
            CSV
          </Button>
        }
      />
    </AsTable>
  )
}

export const Activity = () => {
  const { by } = useSearch({ from: '/' })
  const navigate = useNavigate()
  const { data: answer, error } = useQuery({ ...activityQuery(by), placeholderData: keepPreviousData })
  return (
    <Card
      title="Events and findings"
      aside={
        <Choice
          label="Time"
          none="the last 30 days"
          value={by ?? ''}
          options={[['hour', 'the last 48 hours']]}
          onChange={(next) => void navigate({ to: '/', search: next === '' ? {} : { by: next }, replace: true })}
        />
      }
    >
      <Trouble fault={error} />
      {answer === undefined && error === null && <SkeletonLines lines={6} />}
      {answer !== undefined && (
        <div className="stack-tight">
          <Drawn answer={answer} />
          <p className="wrap small">
            {severities.toReversed().map((severity) => (
              <Mark key={severity} look={severityLooks[severity]} />
            ))}
            {!answer.isExact && <span className="soft">Some events still wait to be counted.</span>}
          </p>
          <Table answer={answer} />
        </div>
      )}
    </Card>
  )
}
