// Operator tokens: who may speak to the API, as what, for how long, about which devices and from where.
// What is wrong with a wish is decide.ts.
import type { OperatorToken } from '@muster/contract'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Empty } from '../../parts/blocks.tsx'
import { Choices } from '../../parts/choices.tsx'
import { Button, ChoiceField, Dialog, Field, Trouble } from '../../parts/controls.tsx'
import { Mark, tokenLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { MadeToken, NewToken } from '../../parts/new-token.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import { type AnswerTo, ask } from '../../wire/ask.ts'
import { groupsQuery } from '../../wire/groups.ts'
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
import { capabilityWords, scopesFor } from './decide-roles.ts'
import { operatorTokensQuery } from './query.ts'

type Made = AnswerTo<'createOperatorToken'>

interface WishSaid {
  readonly wish: TokenWish
  readonly faults: TokenFaults | null
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
        fault={faults?.name}
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
        label="Only from these networks (optional)"
        value={wish.networks}
        onChange={(networks) => onChange({ ...wish, networks })}
        hint="Such as 192.0.2.0/24"
        fault={faults?.networks}
      />
    </div>
  )
}

const Limits = ({ wish, onChange }: Omit<WishSaid, 'faults'>) => {
  const { data: groups = [] } = useQuery(groupsQuery)
  return (
    <details>
      <summary>Limit it to deeds or groups</summary>
      <div className="grid">
        <Choices
          legend="Only these deeds"
          hint="None chosen: whatever its role may do"
          options={scopesFor(wish.role).map((scope) => [scope, capabilityWords[scope]] as const)}
          chosen={wish.scopes}
          onChange={(scopes) => onChange({ ...wish, scopes })}
        />
        {groups.length > 0 && (
          <Choices
            legend="Only the devices of these groups"
            hint="None chosen: every device"
            options={groups.map(({ name }) => [name, name] as const)}
            chosen={wish.groups}
            onChange={(chosen) => onChange({ ...wish, groups: chosen })}
          />
        )}
      </div>
    </details>
  )
}

const Make = ({ onMade }: { readonly onMade: (made: Made) => void }) => {
  const [wish, setWish] = useState(firstTokenWish)
  return (
    <NewToken
      title="New operator token"
      judged={judgeToken(wish)}
      fields={(faults) => (
        <>
          <WishFields wish={wish} faults={faults} onChange={setWish} />
          <Limits wish={wish} onChange={setWish} />
        </>
      )}
      make={(body) => ask('createOperatorToken', { body })}
      list="listOperatorTokens"
      onMade={onMade}
    />
  )
}

const RevokeDialog = ({ token, onClose }: { readonly token: OperatorToken; readonly onClose: () => void }) => {
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => ask('revokeOperatorToken', { params: { id: token.id } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['listOperatorTokens'] })
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
      {made === null ? (
        <Make onMade={setMade} />
      ) : (
        <MadeToken title="Ready to use" name={made.name} token={made.token} onClose={() => setMade(null)} />
      )}
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
