// Audit: who did what to whom, as one chain that can be checked here and taken away whole.
// What an address means is decide.ts; one entry is entry.tsx.
import type { AuditEntry } from '@muster/contract'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { WithBeside } from '../../parts/beside.tsx'
import { Empty, PageHead } from '../../parts/blocks.tsx'
import { Button, Choice, Trouble } from '../../parts/controls.tsx'
import { pairs } from '../../parts/decide-words.ts'
import { Icon } from '../../parts/icon.tsx'
import { Mark, outcomeLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Period } from '../../parts/period.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import { SearchField } from '../../parts/search-field.tsx'
import { addressOf, ask } from '../../wire/ask.ts'
import { allItems } from '../../wire/lists.ts'
import { auditOutcomes } from '../../wire/routes.built.ts'
import { AUDIT_LIST_CSV, type AuditView, isFiltered, queryOfView, readAuditView, verdictOf } from './decide.ts'
import { EntryBeside } from './entry.tsx'
import { auditQuery } from './query.ts'

type Change = (part: { readonly [Key in keyof AuditView]?: AuditView[Key] | '' | undefined }) => void

const columnsFor = (onOpen: (entry: AuditEntry) => void): readonly Column<AuditEntry>[] => [
  {
    id: 'seq',
    title: 'No.',
    width: '3.5rem',
    isNumber: true,
    isExtra: true,
    isSpare: true,
    cell: ({ seq }) => seq.toLocaleString(),
  },
  { id: 'when', title: 'When', width: '8.5rem', cell: ({ occurredAt }) => <Moment at={occurredAt} /> },
  {
    id: 'action',
    title: 'What happened',
    width: 'minmax(8rem, 1.5fr)',
    cell: (entry) => (
      <button type="button" className="row-link" tabIndex={-1} onClick={() => onOpen(entry)}>
        <Said text={entry.action} />
      </button>
    ),
  },
  {
    id: 'actor',
    title: 'Who',
    width: 'minmax(7rem, 1fr)',
    isExtra: true,
    cell: ({ actor }) => <Said text={actor.displayName ?? actor.id} />,
  },
  {
    id: 'target',
    title: 'To what',
    isSpare: true,
    width: 'minmax(7rem, 1.5fr)',
    isExtra: true,
    cell: ({ target }) => (
      <span className="soft">
        {target.type} <Said text={target.id} />
      </span>
    ),
  },
  { id: 'outcome', title: 'Outcome', width: '6rem', cell: ({ outcome }) => <Mark look={outcomeLooks[outcome]} /> },
]

const words = { action: 'Such as device.revoked', actor: 'Id of who', target: 'Id of what' } as const
type Typed = keyof typeof words

const Filters = ({ view, onChange: change }: { readonly view: AuditView; readonly onChange: Change }) => {
  const [typed, setTyped] = useState<Readonly<Record<Typed, string>>>({
    action: view.action ?? '',
    actor: view.actor ?? '',
    target: view.target ?? '',
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    change(typed)
  }
  return (
    <form role="search" className="wrap" onSubmit={submit}>
      {(['action', 'actor', 'target'] as const).map((one) => (
        <SearchField
          key={one}
          label={words[one]}
          hint={words[one]}
          value={typed[one]}
          onChange={(text) => setTyped({ ...typed, [one]: text })}
          isFurther={one !== 'action'}
        />
      ))}
      <Choice
        label="Outcome"
        none="Any outcome"
        value={view.outcome ?? ''}
        options={pairs(auditOutcomes)}
        onChange={(outcome) => change({ outcome })}
      />
      <Period from={view.from} to={view.to} onChange={change} />
      <Button type="submit">Filter</Button>
      {isFiltered(view) && (
        <Link to="/audit" className="button" data-tone="quiet">
          Show everything
        </Link>
      )}
    </form>
  )
}

const Head = ({ view }: { readonly view: AuditView }) => {
  const verify = useMutation({ mutationFn: () => ask('verifyAudit') })
  const verdict = verify.data === undefined ? null : verdictOf(verify.data)
  return (
    <>
      <PageHead title="Audit" lead="Who did what: every entry carries the hash of the one before it.">
        <Button
          onPress={() => void saveTable('audit', AUDIT_LIST_CSV, allItems('listAudit', { query: queryOfView(view) }))}
        >
          CSV
        </Button>
        <a className="button" href={addressOf('exportAudit', { query: { format: 'ndjson' } })} download="audit.ndjson">
          Whole history
        </a>
        <Button tone="main" onPress={() => verify.mutate()} isDisabled={verify.isPending}>
          {verify.isPending ? 'Checking…' : 'Verify the chain'}
        </Button>
      </PageHead>
      <Trouble fault={verify.error} />
      {verdict !== null && (
        <div className={`notice tone-${verdict.isWhole ? 'good' : 'critical'}`} role="status">
          <Icon name={verdict.isWhole ? 'check' : 'critical'} />
          <p>{verdict.text}</p>
        </div>
      )}
    </>
  )
}

export const AuditPage = () => {
  const view = useSearch({ from: '/audit' })
  const navigate = useNavigate()
  const { data: entries, error, hasNextPage, fetchNextPage } = useInfiniteQuery(auditQuery(view))
  const change: Change = (part) =>
    void navigate({ to: '/audit', search: readAuditView({ ...view, ...part }), replace: true })
  const open = entries?.find(({ seq }) => String(seq) === view.entry)
  const close = (): void => change({ entry: undefined })
  const show = ({ seq }: AuditEntry): void => change({ entry: String(seq) })
  return (
    <>
      <Head view={view} />
      <Filters key={[view.action, view.actor, view.target].join(' ')} view={view} onChange={change} />
      <Trouble fault={error} />
      <WithBeside beside={open === undefined ? null : <EntryBeside entry={open} onClose={close} />} onClose={close}>
        <Rows
          label="Audit entries"
          columns={columnsFor(show)}
          rows={error === null ? entries : []}
          idOf={({ seq }) => String(seq)}
          onOpen={show}
          {...(open !== undefined && { onMove: show, openId: String(open.seq) })}
          hasMore={hasNextPage}
          onMore={() => void fetchNextPage()}
          empty={
            <Empty title="No entry is like that">
              <p>
                <Link to="/audit">Show everything</Link>
              </p>
            </Empty>
          }
          foot={
            entries !== undefined && (
              <span>
                {entries.length.toLocaleString()}
                {hasNextPage ? ' loaded, more follow' : ' entries'}
              </span>
            )
          }
        />
      </WithBeside>
    </>
  )
}
