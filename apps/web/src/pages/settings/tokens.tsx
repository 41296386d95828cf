// Operator tokens: who may speak to the API, as what, for how long, about which devices and from where.
// What is wrong with a wish is decide.ts.
import type { OperatorToken } from '@muster/contract'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Card, Empty } from '../../parts/blocks.tsx'
import { Button, ChoiceField, CopyButton, Dialog, Field, Trouble } from '../../parts/controls.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Mark, tokenLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import { type AnswerTo, ask } from '../../wire/ask.ts'
import { allItems } from '../../wire/lists.ts'
import { useMe } from '../../wire/me.ts'
import { roles } from '../../wire/routes.built.ts'
import {
  firstTokenWish,
  judgeToken,
  roleWords,
  TOKENS_CSV,
  type TokenFaults,
  type TokenWish,
  tokenLives,
} from './decide.ts'
import { operatorTokensQuery } from './query.ts'

type Made = AnswerTo<'createOperatorToken'>

const useForgetTokens = () => {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['listOperatorTokens'] })
}

interface WishSaid {
  readonly wish: TokenWish
  readonly faults: TokenFaults
  readonly onChange: (wish: TokenWish) => void
}

const WishFields = ({ wish, faults, onChange }: WishSaid) => {
  const me = useMe()
  const grantable = roles.slice(0, roles.indexOf(me?.role ?? 'viewer') + 1)
  return (
    <div className="grid">
      <Field
        label="For"
        value={wish.name}
        onChange={(name) => onChange({ ...wish, name })}
        hint="A person or a program"
        fault={faults.name}
      />
      <ChoiceField
        label="Role"
        value={wish.role}
        options={grantable.map((role) => [role, roleWords[role]] as const)}
        onChange={(role) => onChange({ ...wish, role: role === '' ? 'viewer' : role })}
      />
      <ChoiceField
        label="Good for"
        value={wish.lifeSeconds}
        options={tokenLives}
        onChange={(lifeSeconds) => onChange({ ...wish, lifeSeconds })}
      />
      <Field
        label="Only these groups (optional)"
        value={wish.groups}
        onChange={(groups) => onChange({ ...wish, groups })}
        hint="Names, parted by commas; it sees no other devices"
        fault={faults.groups}
      />
      <Field
        label="Only from these networks (optional)"
        value={wish.networks}
        onChange={(networks) => onChange({ ...wish, networks })}
        hint="Such as 192.0.2.0/24"
        fault={faults.networks}
      />
    </div>
  )
}

const NewToken = ({ onMade }: { readonly onMade: (made: Made) => void }) => {
  const [wish, setWish] = useState(firstTokenWish)
  const [isTried, setTried] = useState(false)
  const forget = useForgetTokens()
  const judged = judgeToken(wish)
  const make = useMutation({
    mutationFn: async () => (judged.ok ? ask('createOperatorToken', { body: judged.body }) : null),
    onSuccess: (made) => {
      void forget()
      if (made !== null) onMade(made)
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (judged.ok) make.mutate()
  }
  return (
    <Card title="New operator token">
      <form className="stack" onSubmit={submit} noValidate>
        <WishFields wish={wish} faults={judged.ok || !isTried ? {} : judged.faults} onChange={setWish} />
        <Trouble fault={make.error} />
        <div className="actions">
          <Button type="submit" tone="main" isDisabled={make.isPending}>
            Make token
          </Button>
        </div>
      </form>
    </Card>
  )
}

const Ready = ({ made, onClose }: { readonly made: Made; readonly onClose: () => void }) => (
  <Card title="Ready to use" aside={<Said text={made.name} />}>
    <div className="stack">
      <div className="notice tone-suspicious">
        <Icon name="suspicious" />
        <p>Copy it now: it is not kept and cannot be shown again.</p>
      </div>
      <p className="wrap">
        <code>{made.token}</code>
        <CopyButton text={made.token} />
      </p>
      <div className="actions">
        <Button onPress={onClose}>Done</Button>
      </div>
    </div>
  </Card>
)

const RevokeDialog = ({ token, onClose }: { readonly token: OperatorToken; readonly onClose: () => void }) => {
  const forget = useForgetTokens()
  const revoke = useMutation({
    mutationFn: () => ask('revokeOperatorToken', { params: { id: token.id } }),
    onSuccess: async () => {
      await forget()
      onClose()
    },
  })
  return (
    <Dialog title="Revoke this token?" isOpen onClose={onClose}>
      <p>
        <Said text={token.name} /> is refused at once, and every session it opened ends.
      </p>
      <Trouble fault={revoke.error} />
      <div className="actions">
        <Button onPress={onClose}>Cancel</Button>
        <Button tone="danger" isDisabled={revoke.isPending} onPress={() => revoke.mutate()}>
          Revoke
        </Button>
      </div>
    </Dialog>
  )
}

const limitsOf = ({ groups, networks, scopes }: OperatorToken): string =>
  [
    ...(groups === null ? [] : [groups.join(', ')]),
    ...(networks === null ? [] : [`from ${networks.join(', ')}`]),
    ...(scopes === null ? [] : [`only ${scopes.join(', ')}`]),
  ].join('; ')

const columnsFor = (onRevoke: (token: OperatorToken) => void): readonly Column<OperatorToken>[] => [
  { id: 'name', title: 'For', width: 'minmax(7rem, 1.5fr)', cell: ({ name }) => <Said text={name} /> },
  { id: 'role', title: 'Role', width: '5rem', cell: ({ role }) => role },
  { id: 'status', title: 'State', width: '6rem', cell: ({ status }) => <Mark look={tokenLooks[status]} /> },
  {
    id: 'limits',
    title: 'Limited to',
    width: 'minmax(6rem, 1.5fr)',
    isExtra: true,
    cell: (token) => <Said text={limitsOf(token)} />,
  },
  {
    id: 'used',
    title: 'Last used',
    width: '8rem',
    isExtra: true,
    cell: ({ lastUsedAt }) => <Moment at={lastUsedAt} />,
  },
  { id: 'ends', title: 'Ends', width: '8rem', isExtra: true, cell: ({ expiresAt }) => <Moment at={expiresAt} /> },
  {
    id: 'by',
    title: 'By',
    width: 'minmax(5rem, 1fr)',
    isExtra: true,
    cell: ({ createdBy }) => <Said text={createdBy} />,
  },
  {
    id: 'revoke',
    title: 'Revoke',
    width: '5.5rem',
    cell: (token) =>
      token.status === 'active' && (
        <Button tone="quiet" label={`Revoke ${token.id}`} onPress={() => onRevoke(token)}>
          Revoke
        </Button>
      ),
  },
]

export const Tokens = () => {
  const [made, setMade] = useState<Made | null>(null)
  const [revoking, setRevoking] = useState<OperatorToken | null>(null)
  const { data: tokens, error, hasNextPage, fetchNextPage } = useInfiniteQuery(operatorTokensQuery)
  return (
    <>
      {made === null ? <NewToken onMade={setMade} /> : <Ready made={made} onClose={() => setMade(null)} />}
      <Trouble fault={error} />
      <Rows
        label="Operator tokens"
        columns={columnsFor(setRevoking)}
        rows={error === null ? tokens : []}
        idOf={({ id }) => id}
        hasMore={hasNextPage}
        onMore={() => void fetchNextPage()}
        empty={<Empty title="No tokens" />}
        foot={
          <Button
            tone="quiet"
            onPress={() => void saveTable('operator-tokens', TOKENS_CSV, allItems('listOperatorTokens'))}
          >
            CSV
          </Button>
        }
      />
      {revoking !== null && <RevokeDialog token={revoking} onClose={() => setRevoking(null)} />}
    </>
  )
}
