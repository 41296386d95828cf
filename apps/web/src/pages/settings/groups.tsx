// Groups: sets of devices by a tag or by name, for policies, tokens and filters; made, changed and deleted here.
// What is typed becomes a question in decide-groups.ts.
import type { Group } from '@muster/contract'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Empty } from '../../parts/blocks.tsx'
import { Button, Field, Trouble } from '../../parts/controls.tsx'
import { plainText } from '../../parts/decide-text.ts'
import { DialogForm } from '../../parts/dialog-form.tsx'
import { Moment } from '../../parts/moment.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import { ask } from '../../wire/ask.ts'
import { allItems } from '../../wire/lists.ts'
import { bodyOfWish, GROUPS_CSV, wishOf } from './decide-groups.ts'
import { groupListQuery } from './query.ts'

const useForgetGroups = (onClose: () => void) => {
  const client = useQueryClient()
  return async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: ['listGroups'] })
    onClose()
  }
}

interface DialogSaid {
  readonly onClose: () => void
}

/** Makes a group, or changes one as it was when the dialog opened. */
const WriteDialog = ({ group, onClose }: DialogSaid & { readonly group: Group | null }) => {
  const [wish, setWish] = useState(wishOf(group))
  const onSuccess = useForgetGroups(onClose)
  const body = bodyOfWish(wish)
  const write = useMutation({
    mutationFn: async () => {
      if (body === null) return null
      if (group !== null) return ask('changeGroup', { params: { id: group.id }, body, ifMatch: group.version })
      const { removeDeviceIds: _none, ...made } = body
      return ask('createGroup', { body: made })
    },
    onSuccess,
  })
  const set = (part: keyof typeof wish) => (text: string) => setWish({ ...wish, [part]: text })
  return (
    <DialogForm
      title={group === null ? 'New group' : 'Change this group'}
      verb={group === null ? 'Make' : 'Save'}
      doing={write}
      isDisabled={body === null}
      onSubmit={() => write.mutate()}
      onClose={onClose}
    >
      <Field label="Name" value={wish.name} onChange={set('name')} autoFocus />
      <Field label="What it is for (optional)" value={wish.description} onChange={set('description')} />
      <Field
        label="Tag (optional)"
        value={wish.tag}
        onChange={set('tag')}
        hint="Every device with it belongs, such as team=web"
      />
      <Field label="Ids of devices that belong besides" value={wish.added} onChange={set('added')} lines={2} />
      {group !== null && (
        <Field label="Ids of devices that do not any more" value={wish.removed} onChange={set('removed')} lines={2} />
      )}
    </DialogForm>
  )
}

const DeleteDialog = ({ group, onClose }: DialogSaid & { readonly group: Group }) => {
  const onSuccess = useForgetGroups(onClose)
  const remove = useMutation({
    mutationFn: () => ask('deleteGroup', { params: { id: group.id }, ifMatch: group.version }),
    onSuccess,
  })
  return (
    <DialogForm
      title="Delete this group?"
      verb="Delete"
      tone="danger"
      doing={remove}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <p>
        <Said text={group.name} />: its {group.memberCount.toLocaleString()} devices stay. Operator tokens that see only
        this group see nothing any more. A group with a policy cannot be deleted.
      </p>
    </DialogForm>
  )
}

const columns: readonly Column<Group>[] = [
  {
    id: 'name',
    title: 'Group',
    width: 'minmax(8rem, 1fr)',
    cell: ({ name }) => (
      <Link to="/devices" search={{ group: name }} tabIndex={-1}>
        <Said text={name} />
      </Link>
    ),
  },
  {
    id: 'members',
    title: 'Devices',
    width: '5.5rem',
    isNumber: true,
    cell: ({ memberCount }) => memberCount.toLocaleString(),
  },
  {
    id: 'tag',
    title: 'Tag',
    width: 'minmax(6rem, 1fr)',
    cell: ({ tag }) => (tag === null ? <span className="faint">by id</span> : <Said text={tag} />),
  },
  {
    id: 'description',
    title: 'For',
    width: 'minmax(8rem, 2fr)',
    isExtra: true,
    cell: ({ description }) => <Said text={description} />,
  },
  { id: 'made', title: 'Made', width: '8rem', isExtra: true, cell: ({ createdAt }) => <Moment at={createdAt} /> },
]

type Open = { readonly what: 'make' } | { readonly what: 'change' | 'delete'; readonly group: Group }

export const Groups = () => {
  const [open, setOpen] = useState<Open | null>(null)
  const { data: groups, error, hasNextPage, fetchNextPage } = useInfiniteQuery(groupListQuery)
  const close = (): void => setOpen(null)
  const deeds: Column<Group> = {
    id: 'deeds',
    title: 'Actions',
    width: '10rem',
    cell: (group) => (
      <span className="wrap">
        <Button
          tone="quiet"
          label={`Change ${plainText(group.name)}`}
          onPress={() => setOpen({ what: 'change', group })}
        >
          Change
        </Button>
        <Button
          tone="quiet"
          label={`Delete ${plainText(group.name)}`}
          onPress={() => setOpen({ what: 'delete', group })}
        >
          Delete
        </Button>
      </span>
    ),
  }
  return (
    <>
      <div className="wrap">
        <Button tone="main" onPress={() => setOpen({ what: 'make' })}>
          New group
        </Button>
        <Button tone="quiet" onPress={() => void saveTable('groups', GROUPS_CSV, allItems('listGroups'))}>
          CSV
        </Button>
      </div>
      <Trouble fault={error} />
      <Rows
        label="Groups"
        columns={[...columns, deeds]}
        rows={error === null ? groups : []}
        idOf={({ id }) => id}
        hasMore={hasNextPage}
        onMore={() => void fetchNextPage()}
        empty={
          <Empty title="There is no group yet">
            <p>A group is a set of devices that gets a policy of its own, or that an operator token is limited to.</p>
          </Empty>
        }
      />
      {open?.what === 'make' && <WriteDialog group={null} onClose={close} />}
      {open?.what === 'change' && <WriteDialog group={open.group} onClose={close} />}
      {open?.what === 'delete' && <DeleteDialog group={open.group} onClose={close} />}
    </>
  )
}
