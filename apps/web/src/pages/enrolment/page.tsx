// Enrolment: make a token, hand it to a machine, see it used; and every token there was.
// What the new one looks like in a machine's hands is ready.tsx.
import type { EnrollmentToken } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Empty, PageHead } from '../../parts/blocks.tsx'
import { Choices } from '../../parts/choices.tsx'
import { Button, ChoiceField, Field, Trouble } from '../../parts/controls.tsx'
import { pairs } from '../../parts/decide-words.ts'
import { Mark, tokenLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { NewToken } from '../../parts/new-token.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import { type AnswerTo, ask } from '../../wire/ask.ts'
import { groupsQuery } from '../../wire/groups.ts'
import { allItems } from '../../wire/lists.ts'
import { useMay } from '../../wire/me.ts'
import { planes } from '../../wire/routes.built.ts'
import { type Faults, firstWish, judgeWish, lives, type Wish } from './decide.ts'
import { tokensQuery } from './query.ts'
import { Ready } from './ready.tsx'

type Made = AnswerTo<'createEnrollmentToken'>

const TOKENS_CSV: CsvTable<EnrollmentToken> = {
  columns: ['id', 'label', 'status', 'useCount', 'maxUses', 'createdBy', 'createdAt', 'expiresAt', 'lastUsedAt'],
  rowsOf: (token) => [
    [
      token.id,
      token.label,
      token.status,
      token.useCount,
      token.maxUses,
      token.createdBy,
      token.createdAt,
      token.expiresAt,
      token.lastUsedAt,
    ],
  ],
}

interface WishSaid {
  readonly wish: Wish
  readonly faults: Faults | null
  readonly onChange: (wish: Wish) => void
}

const WishFields = ({ wish, faults, onChange }: WishSaid) => (
  <div className="grid">
    <Field
      label="For"
      value={wish.label}
      onChange={(label) => onChange({ ...wish, label })}
      hint="Such as: laptops of the web team"
      fault={faults?.label}
    />
    <Field
      label="Devices it lets in"
      type="number"
      value={wish.maxUses}
      onChange={(maxUses) => onChange({ ...wish, maxUses })}
      fault={faults?.maxUses}
    />
    <ChoiceField
      label="Good for"
      value={wish.lifeSeconds}
      options={lives}
      onChange={(lifeSeconds) => onChange({ ...wish, lifeSeconds })}
    />
    <Field
      label="Tags they get (optional)"
      value={wish.tags}
      onChange={(tags) => onChange({ ...wish, tags })}
      hint="Such as: team=web pilot"
      fault={faults?.tags}
    />
  </div>
)

const FurtherWishes = ({ wish, faults, onChange }: WishSaid) => {
  const { data: groups = [] } = useQuery(groupsQuery)
  return (
    <details>
      <summary>Groups, planes, machines that come back</summary>
      <div className="grid">
        {groups.length > 0 && (
          <Choices
            legend="Groups they join"
            options={groups.map(({ name }) => [name, name] as const)}
            chosen={wish.groups}
            onChange={(chosen) => onChange({ ...wish, groups: chosen })}
          />
        )}
        <Choices
          legend="Planes they may join"
          options={pairs(planes)}
          chosen={wish.planes}
          onChange={(chosen) => onChange({ ...wish, planes: chosen })}
          fault={faults?.planes}
        />
        <label className="wrap">
          <input
            type="checkbox"
            checked={wish.allowReenroll}
            onChange={() => onChange({ ...wish, allowReenroll: !wish.allowReenroll })}
          />
          Revoked and retired devices may come back with it
        </label>
      </div>
    </details>
  )
}

const Make = ({ onMade }: { readonly onMade: (made: Made) => void }) => {
  const [wish, setWish] = useState(firstWish)
  return (
    <NewToken
      title="New enrolment token"
      judged={judgeWish(wish)}
      fields={(faults) => (
        <>
          <WishFields wish={wish} faults={faults} onChange={setWish} />
          <FurtherWishes wish={wish} faults={faults} onChange={setWish} />
        </>
      )}
      make={(body) => ask('createEnrollmentToken', { body })}
      list="listEnrollmentTokens"
      onMade={onMade}
    />
  )
}

const Revoke = ({ token }: { readonly token: EnrollmentToken }) => {
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => ask('revokeEnrollmentToken', { params: { id: token.id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['listEnrollmentTokens'] }),
  })
  if (token.status !== 'active') return null
  return (
    <Button tone="quiet" isDisabled={revoke.isPending} onPress={() => revoke.mutate()} label={`Revoke ${token.id}`}>
      Revoke
    </Button>
  )
}

const columns: readonly Column<EnrollmentToken>[] = [
  { id: 'label', title: 'For', width: 'minmax(8rem, 2fr)', cell: ({ label }) => <Said text={label} /> },
  { id: 'status', title: 'State', width: '6rem', cell: ({ status }) => <Mark look={tokenLooks[status]} /> },
  {
    id: 'uses',
    title: 'Used',
    width: '5.5rem',
    cell: ({ id, useCount, maxUses }) => (
      <Link to="/devices" search={{ enrollmentTokenId: id }} tabIndex={-1}>
        {useCount} of {maxUses}
      </Link>
    ),
  },
  { id: 'ends', title: 'Ends', width: '9rem', isExtra: true, cell: ({ expiresAt }) => <Moment at={expiresAt} /> },
  { id: 'made', title: 'Made', width: '8rem', isExtra: true, cell: ({ createdAt }) => <Moment at={createdAt} /> },
  {
    id: 'by',
    title: 'By',
    width: 'minmax(6rem, 1fr)',
    isExtra: true,
    cell: ({ createdBy }) => <Said text={createdBy} />,
  },
]

const withRevoke: readonly Column<EnrollmentToken>[] = [
  ...columns,
  { id: 'revoke', title: 'Action', width: '5.5rem', cell: (token) => <Revoke token={token} /> },
]

export const EnrolmentPage = () => {
  const may = useMay()
  const [made, setMade] = useState<Made | null>(null)
  const { data: tokens, error, hasNextPage, fetchNextPage } = useInfiniteQuery(tokensQuery)
  const mayMake = may('enrollment-tokens:write')
  return (
    <>
      <PageHead title="Enrolment" lead="A machine joins with a token; afterwards it has a certificate of its own.">
        <Button onPress={() => void saveTable('enrolment-tokens', TOKENS_CSV, allItems('listEnrollmentTokens'))}>
          CSV
        </Button>
      </PageHead>
      {mayMake && made === null && <Make onMade={setMade} />}
      {made !== null && <Ready made={made} onClose={() => setMade(null)} />}
      <Trouble fault={error} />
      <Rows
        label="Enrolment tokens"
        columns={mayMake ? withRevoke : columns}
        rows={error === null ? tokens : []}
        idOf={({ id }) => id}
        hasMore={hasNextPage}
        onMore={() => void fetchNextPage()}
        empty={
          <Empty title="No tokens yet">
            <p>{mayMake ? 'Make one above.' : 'An admin makes them.'}</p>
          </Empty>
        }
      />
    </>
  )
}
