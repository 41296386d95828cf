// What was published of a policy and when, and the way back to it.
// What was written and when is revisions.tsx.
import type { Generation, Policy } from '@muster/contract'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Empty } from '../../parts/blocks.tsx'
import { Button, Dialog, Trouble } from '../../parts/controls.tsx'
import { Moment } from '../../parts/moment.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import { ask } from '../../wire/ask.ts'
import { allItems } from '../../wire/lists.ts'
import { useMay } from '../../wire/me.ts'
import { GENERATIONS_CSV } from './decide.ts'
import { useForgetPolicies } from './publish.tsx'
import { generationsQuery } from './query.ts'

interface RollBackSaid {
  readonly generation: Generation
  /** Of the policy, as the page shows it. */
  readonly version: number
  readonly onClose: () => void
}

const RollBack = ({ generation, version, onClose }: RollBackSaid) => {
  const forget = useForgetPolicies()
  const act = useMutation({
    mutationFn: () =>
      ask('rollbackPolicy', {
        params: { id: generation.policyId },
        body: { generation: generation.generation },
        ifMatch: version,
      }),
    onError: forget,
    onSuccess: async () => {
      await forget()
      onClose()
    },
  })
  return (
    <Dialog title="Roll back to this generation?" isOpen onClose={onClose}>
      <p>
        The bytes of <code>{generation.generation}</code> are published again, under a new name, to wherever the policy
        goes now.
      </p>
      <Trouble fault={act.error} />
      <div className="actions">
        <Button onPress={onClose}>Cancel</Button>
        <Button tone="main" isDisabled={act.isPending} onPress={() => act.mutate()}>
          Roll back
        </Button>
      </div>
    </Dialog>
  )
}

const columns: readonly Column<Generation>[] = [
  { id: 'name', title: 'Generation', width: 'minmax(9rem, 1fr)', cell: ({ generation }) => <code>{generation}</code> },
  { id: 'when', title: 'Published', width: '8rem', cell: ({ publishedAt }) => <Moment at={publishedAt} /> },
  {
    id: 'by',
    title: 'By',
    width: 'minmax(6rem, 1fr)',
    isExtra: true,
    cell: ({ publishedBy }) => <Said text={publishedBy} />,
  },
  {
    id: 'for',
    title: 'For agents that know',
    width: 'minmax(7rem, 1fr)',
    isExtra: true,
    cell: ({ capabilitySet, droppedRules }) => (
      <span title={droppedRules.map(({ id, reason }) => `${id}: ${reason}`).join('\n')}>
        {capabilitySet}
        {droppedRules.length > 0 && <span className="faint">, without {droppedRules.length} rules</span>}
      </span>
    ),
  },
  {
    id: 'bytes',
    title: 'Bytes',
    width: '5rem',
    isNumber: true,
    isExtra: true,
    cell: ({ byteCount }) => byteCount.toLocaleString(),
  },
]

export const Generations = ({ policy }: { readonly policy: Policy }) => {
  const { id, generation: current, version } = policy
  const may = useMay()
  const [chosen, setChosen] = useState<Generation | null>(null)
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(generationsQuery(id))
  const back: Column<Generation> = {
    id: 'back',
    title: 'Way back',
    width: '6.5rem',
    cell: (one) =>
      one.generation === current ? (
        <span className="faint">in force</span>
      ) : (
        <Button tone="quiet" label={`Roll back to ${one.generation}`} onPress={() => setChosen(one)}>
          Roll back
        </Button>
      ),
  }
  return (
    <>
      <div className="actions">
        <Button
          onPress={() =>
            void saveTable('generations', GENERATIONS_CSV, allItems('listGenerations', { query: { policyId: id } }))
          }
        >
          CSV
        </Button>
      </div>
      <Trouble fault={error} />
      <Rows
        label="Generations"
        columns={may('policies:publish') ? [...columns, back] : columns}
        rows={error === null ? data : []}
        idOf={({ generation }) => generation}
        hasMore={hasNextPage}
        onMore={() => void fetchNextPage()}
        empty={
          <Empty title="Nothing was published yet">
            <p>A document takes effect when it is published.</p>
          </Empty>
        }
      />
      {chosen !== null && <RollBack generation={chosen} version={version} onClose={() => setChosen(null)} />}
    </>
  )
}
