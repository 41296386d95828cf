// Findings: the queue of what rules found, filtered by the server, with the evidence of one beside it.
// What an address means is decide.ts; one finding is evidence.tsx.
import type { Finding } from '@muster/contract'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { WithBeside } from '../../parts/beside.tsx'
import { Empty, PageHead } from '../../parts/blocks.tsx'
import { Button, Choice, Trouble } from '../../parts/controls.tsx'
import { pairs } from '../../parts/decide-words.ts'
import { Mark, Pill, severityLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import { SearchField } from '../../parts/search-field.tsx'
import { allItems } from '../../wire/lists.ts'
import { severities } from '../../wire/routes.built.ts'
import { FINDINGS_CSV, type FindingsView, isFiltered, otherStates, queryOfView, readFindingsView } from './decide.ts'
import { EvidenceBeside } from './evidence.tsx'
import { countsQuery, findingsQuery } from './query.ts'

type Change = (part: { readonly [Key in keyof FindingsView]?: FindingsView[Key] | '' | undefined }) => void

/** How many are open in the whole fleet, each a way to list them. */
const Counts = ({ view }: { readonly view: FindingsView }) => {
  const { data: counts } = useQuery(countsQuery)
  return (
    <nav className="figures" aria-label="Open findings by severity">
      {severities.toReversed().map((severity) => {
        const isChosen = view.severity === severity && view.state === undefined
        return (
          <Link
            key={severity}
            className="figure"
            to="/findings"
            search={isChosen ? {} : { severity }}
            activeOptions={{ exact: true, includeSearch: true }}
            {...(isChosen && { 'data-chosen': '' })}
          >
            <span className="value">{counts === undefined ? '–' : counts[severity].toLocaleString()}</span>
            <span className="name">
              <Mark look={severityLooks[severity]} />
            </span>
          </Link>
        )
      })}
    </nav>
  )
}

const Filters = ({ view, onChange: change }: { readonly view: FindingsView; readonly onChange: Change }) => {
  const [rule, setRule] = useState(view.rule ?? '')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    change({ rule })
  }
  return (
    <form role="search" className="wrap" onSubmit={submit}>
      <SearchField label="Rule" hint="Exact rule, then Enter" value={rule} onChange={setRule} />
      <Choice
        label="State"
        none="Open"
        value={view.state ?? ''}
        options={pairs(otherStates)}
        onChange={(state) => change({ state })}
      />
      <Choice
        label="Severity"
        none="Any severity"
        value={view.severity ?? ''}
        options={pairs(severities.toReversed())}
        onChange={(severity) => change({ severity })}
      />
      {(['device', 'surface'] as const).map(
        (key) =>
          view[key] !== undefined && (
            <Button key={key} tone="quiet" icon="cross" onPress={() => change({ [key]: undefined })}>
              {`${key}: ${view[key]}`}
            </Button>
          ),
      )}
      {view.rule !== undefined && (
        <Button tone="quiet" icon="cross" onPress={() => change({ rule: undefined })}>
          any rule
        </Button>
      )}
    </form>
  )
}

const columnsFor = (onOpen: (finding: Finding) => void): readonly Column<Finding>[] => [
  { id: 'severity', title: 'Severity', width: '7rem', cell: ({ severity }) => <Pill look={severityLooks[severity]} /> },
  {
    id: 'title',
    title: 'Finding',
    width: 'minmax(9rem, 2fr)',
    cell: (finding) => (
      <button type="button" className="row-link" tabIndex={-1} onClick={() => onOpen(finding)}>
        <Said text={finding.title} />
      </button>
    ),
  },
  {
    id: 'item',
    title: 'Item',
    isSpare: true,
    width: 'minmax(7rem, 1.5fr)',
    isExtra: true,
    cell: ({ itemName }) => <Said text={itemName} />,
  },
  {
    id: 'device',
    title: 'Device',
    width: 'minmax(6rem, 1fr)',
    isExtra: true,
    cell: ({ hostname }) => <Said text={hostname} />,
  },
  { id: 'state', title: 'State', width: '5rem', isExtra: true, isSpare: true, cell: ({ state }) => state },
  {
    id: 'seen',
    title: 'Last seen',
    width: '8.5rem',
    isSpare: true,
    isExtra: true,
    cell: ({ lastObservedAt }) => <Moment at={lastObservedAt} />,
  },
]

const NoFindings = ({ view }: { readonly view: FindingsView }) =>
  isFiltered(view) ? (
    <Empty title="No finding is like that">
      <p>
        <Link to="/findings">Show all that are open</Link>
      </p>
    </Empty>
  ) : (
    <Empty title="Nothing is open">
      <p>What a rule finds on a device shows here within seconds. Rules come with a policy.</p>
      <Link to="/policies" className="button" data-tone="main">
        Look at the policies
      </Link>
    </Empty>
  )

export const FindingsPage = () => {
  const view = useSearch({ from: '/findings' })
  const navigate = useNavigate()
  const { data: findings, error, hasNextPage, fetchNextPage } = useInfiniteQuery(findingsQuery(view))
  const change: Change = (part) =>
    void navigate({ to: '/findings', search: readFindingsView({ ...view, ...part }), replace: true })
  const close = (): void => change({ finding: undefined })
  const show = ({ id }: Finding): void => change({ finding: id })
  return (
    <>
      <PageHead title="Findings">
        <Button
          onPress={() =>
            void saveTable('findings', FINDINGS_CSV, allItems('listFindings', { query: queryOfView(view) }))
          }
        >
          CSV
        </Button>
      </PageHead>
      <Counts view={view} />
      <Filters key={view.rule ?? ''} view={view} onChange={change} />
      <Trouble fault={error} />
      <WithBeside
        beside={view.finding === undefined ? null : <EvidenceBeside id={view.finding} onClose={close} />}
        onClose={close}
      >
        <Rows
          label="Findings"
          columns={columnsFor(show)}
          rows={error === null ? findings : []}
          idOf={({ id }) => id}
          onOpen={show}
          {...(view.finding !== undefined && { onMove: show, openId: view.finding })}
          hasMore={hasNextPage}
          onMore={() => void fetchNextPage()}
          empty={<NoFindings view={view} />}
          foot={
            findings !== undefined && (
              <span>
                {findings.length.toLocaleString()}
                {hasNextPage ? ' loaded, more follow' : ` finding${findings.length === 1 ? '' : 's'}`}
              </span>
            )
          }
        />
      </WithBeside>
    </>
  )
}
