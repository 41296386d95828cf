// Search: which devices have, or had, a package between two moments, and which could not say. The address is the question.
// The answer as a whole is answer.tsx, the evidence of one device hit.tsx.
import type { SearchHit } from '@muster/contract'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { WithBeside } from '../../parts/beside.tsx'
import { Empty, PageHead, SkeletonLines } from '../../parts/blocks.tsx'
import { Button, Choice, Trouble } from '../../parts/controls.tsx'
import { pairs } from '../../parts/decide-words.ts'
import { Mark, verdictLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Period } from '../../parts/period.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { ecosystems } from '../../wire/routes.built.ts'
import { AnswerHead } from './answer.tsx'
import { isWindow, readSearchView, type SearchView, spanOf, states, unknownReasons, versionsOf } from './decide.ts'
import { HitBeside } from './hit.tsx'
import { saveAnswer, searchQuery } from './query.ts'

type Change = (part: { readonly [Key in keyof SearchView]?: SearchView[Key] | undefined }) => void

const Until = ({ hit }: { readonly hit: SearchHit }) => {
  const span = spanOf(hit)
  if (span === null) return null
  return span.to === null ? 'still there' : <Moment at={span.to} />
}

const columnsFor = (onOpen: (hit: SearchHit) => void): readonly Column<SearchHit>[] => [
  {
    id: 'device',
    title: 'Device',
    width: 'minmax(8rem, 2fr)',
    cell: (hit) => (
      <button type="button" className="row-link" tabIndex={-1} onClick={() => onOpen(hit)}>
        <Said text={hit.displayName ?? hit.hostname} />
      </button>
    ),
  },
  { id: 'verdict', title: 'Verdict', width: '7.5rem', cell: ({ verdict }) => <Mark look={verdictLooks[verdict]} /> },
  {
    id: 'versions',
    title: 'Versions',
    width: 'minmax(5.5rem, 1fr)',
    isExtra: true,
    cell: (hit) => <Said text={versionsOf(hit).join(', ')} />,
  },
  {
    id: 'since',
    title: 'Since',
    width: '8.5rem',
    isExtra: true,
    cell: (hit) => {
      const span = spanOf(hit)
      return span !== null && <Moment at={span.from} />
    },
  },
  { id: 'until', title: 'Until', width: '8.5rem', isExtra: true, isSpare: true, cell: (hit) => <Until hit={hit} /> },
  {
    id: 'where',
    title: 'Where, or why not',
    isSpare: true,
    width: 'minmax(8rem, 2fr)',
    isExtra: true,
    cell: ({ intervals: [first], unknownReason }) => (
      <span className="soft">
        {first !== undefined && <Said text={first.path} />}
        {unknownReason !== null && unknownReasons[unknownReason]}
      </span>
    ),
  },
]

const dayMs = 86_400_000
const windows = [
  ['now', 'there now'],
  ['1', 'at any time in the last day'],
  ['7', 'at any time in the last 7 days'],
  ['30', 'at any time in the last 30 days'],
  ['90', 'at any time in the last 90 days'],
  ['own', 'at any time between…'],
] as const

type Window = (typeof windows)[number][0]

const ago = (days: number): string => new Date(Date.now() - days * dayMs).toISOString()

const Filters = ({ view, onChange: change }: { readonly view: SearchView; readonly onChange: Change }) => {
  const chooseWindow = (window: Window | ''): void => {
    if (window === 'now' || window === '') change({ from: undefined, to: undefined })
    else change({ from: ago(window === 'own' ? 1 : Number(window)), to: undefined })
  }
  return (
    <div className="wrap">
      <Choice label="When" value={view.from === undefined ? 'now' : 'own'} options={windows} onChange={chooseWindow} />
      {view.from !== undefined && <Period from={view.from} to={view.to} onChange={change} />}
      <Choice
        label="Ecosystem"
        none="Every ecosystem"
        value={view.ecosystem ?? ''}
        options={pairs(ecosystems)}
        onChange={(ecosystem) => change({ ecosystem: ecosystem === '' ? undefined : ecosystem })}
      />
      <Choice
        label="State"
        none="There or gone"
        value={view.state ?? ''}
        options={pairs(states)}
        onChange={(state) => change({ state: state === '' ? undefined : state })}
      />
    </div>
  )
}

const Question = ({ view, onChange: change }: { readonly view: SearchView; readonly onChange: Change }) => {
  const [q, setQ] = useState(view.q ?? '')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    change({ q: q.trim(), verdict: undefined, device: undefined })
  }
  return (
    <form role="search" className="stack-tight" onSubmit={submit}>
      <div className="wrap">
        <SearchField label="Package, version or MCP server" hint="axios@1.14.1" value={q} onChange={setQ} isWide />
        <Button type="submit" tone="main" icon="search">
          Search
        </Button>
      </div>
      <Filters view={view} onChange={change} />
      {!isWindow(view) && (
        <p className="mark tone-critical" role="alert">
          The window ends before it begins.
        </p>
      )}
    </form>
  )
}

const examples: readonly (readonly [q: string, says: string])[] = [
  ['axios@1.14.1', 'one version of a package'],
  ['lodash@<4.17.21', 'a range of versions'],
  ['pkg:npm/react@19.3.1', 'a package URL'],
  ['mcp:github', 'an MCP server'],
  ['deb/openssl', 'a package of the system'],
]

const NotAskedYet = ({ onAsk }: { readonly onAsk: (q: string) => void }) => (
  <section className="card" aria-label="What can be asked">
    <Empty title="Which devices have it, or ever had it?">
      <p>Ask for a name, with a version or a range. The answer also says which devices could not tell.</p>
      <dl className="facts">
        {examples.map(([q, says]) => (
          <div key={q} style={{ display: 'contents' }}>
            <dt>
              <button type="button" className="row-link mono" onClick={() => onAsk(q)}>
                {q}
              </button>
            </dt>
            <dd className="soft end">{says}</dd>
          </div>
        ))}
      </dl>
    </Empty>
  </section>
)

const Answered = ({ view, onChange: change }: { readonly view: SearchView; readonly onChange: Change }) => {
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(searchQuery(view))
  const [answer] = data?.pages ?? []
  if (error !== null) return <Trouble fault={error} />
  if (answer === undefined) return <SkeletonLines lines={10} />
  const hits = data?.pages.flatMap(({ items }) => items) ?? []
  const open = hits.find(({ deviceId }) => deviceId === view.device)
  const close = (): void => change({ device: undefined })
  const show = (hit: SearchHit): void => change({ device: hit.deviceId })
  return (
    <>
      <AnswerHead answer={answer} view={view} />
      <WithBeside beside={open === undefined ? null : <HitBeside hit={open} onClose={close} />} onClose={close}>
        <Rows
          label="Devices in the answer"
          columns={columnsFor(show)}
          rows={hits}
          idOf={({ deviceId }) => deviceId}
          onOpen={show}
          {...(open !== undefined && { onMove: show, openId: open.deviceId })}
          hasMore={hasNextPage}
          onMore={() => void fetchNextPage()}
          empty={
            <Empty title={view.verdict === undefined ? 'No device had it' : 'No device has this verdict'}>
              <p>
                {(answer.verdicts.unknown ?? 0) > 0
                  ? `${answer.verdicts.unknown?.toLocaleString()} could not say: choose unknown above to see them and why.`
                  : 'Every device that was asked could say so.'}
              </p>
            </Empty>
          }
          foot={
            <span>
              {hits.length.toLocaleString()}
              {hasNextPage ? ' loaded, more follow' : ` device${hits.length === 1 ? '' : 's'}`}
            </span>
          }
        />
      </WithBeside>
    </>
  )
}

export const SearchPage = () => {
  const view = useSearch({ from: '/search' })
  const navigate = useNavigate()
  const change: Change = (part) =>
    void navigate({ to: '/search', search: readSearchView({ ...view, ...part }), replace: part.q === undefined })
  const save = useMutation({ mutationFn: () => saveAnswer(view) })
  return (
    <>
      <PageHead title="Search" lead="Which devices have, or had, a package; and which could not say.">
        {view.q !== undefined && isWindow(view) && (
          <Button onPress={() => save.mutate()} isDisabled={save.isPending}>
            CSV
          </Button>
        )}
      </PageHead>
      <Question key={view.q ?? ''} view={view} onChange={change} />
      <Trouble fault={save.error} />
      {view.q === undefined ? (
        <NotAskedYet onAsk={(q) => change({ q })} />
      ) : (
        isWindow(view) && <Answered view={view} onChange={change} />
      )}
    </>
  )
}
