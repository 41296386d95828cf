// Policies: which there are, how far each has come, and who gets which.
// One policy, and writing a new one, is pages/policy.
import type { Policy } from '@muster/contract'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Adoption } from '../../parts/adoption.tsx'
import { Empty, PageHead } from '../../parts/blocks.tsx'
import { Button, Trouble } from '../../parts/controls.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import { allItems } from '../../wire/lists.ts'
import { useMay } from '../../wire/me.ts'
import { newPolicyId } from '../policy/decide.ts'
import { adoptionQuery } from '../policy/query.ts'
import { Assignments } from './assignments.tsx'
import { POLICIES_CSV } from './decide.ts'
import { policiesQuery } from './query.ts'

/** Asked for each row by itself, and only for those in view. */
const AdoptionCell = ({ id }: { readonly id: string }) => {
  const { data } = useQuery(adoptionQuery(id))
  return data === undefined ? null : <Adoption adoption={data} />
}

const columns: readonly Column<Policy>[] = [
  {
    id: 'name',
    title: 'Policy',
    width: 'minmax(8rem, 1.2fr)',
    cell: ({ id, name }) => (
      <Link to="/policies/$id" params={{ id }} tabIndex={-1}>
        <Said text={name} />
      </Link>
    ),
  },
  {
    id: 'description',
    title: 'For',
    width: 'minmax(8rem, 1.5fr)',
    isExtra: true,
    cell: ({ description }) => (
      <span className="soft">
        <Said text={description} />
      </span>
    ),
  },
  {
    id: 'state',
    title: 'State',
    width: 'minmax(7rem, 1fr)',
    cell: ({ generation, latestRevisionId, publishedRevisionId }) => {
      if (generation === null) return <span className="soft">a draft</span>
      return latestRevisionId === publishedRevisionId ? 'in force' : 'in force, with a newer draft'
    },
  },
  {
    id: 'adoption',
    title: 'Devices that have it',
    width: 'minmax(14rem, 2fr)',
    isExtra: true,
    cell: ({ id, generation }) => generation !== null && <AdoptionCell id={id} />,
  },
]

const NewPolicy = () => (
  <Link to="/policies/$id" params={{ id: newPolicyId }} className="button" data-tone="main">
    New policy
  </Link>
)

export const PoliciesPage = () => {
  const may = useMay()
  const navigate = useNavigate()
  const { data: policies, error, hasNextPage, fetchNextPage } = useInfiniteQuery(policiesQuery)
  return (
    <>
      <PageHead title="Policies" lead="What agents look at, and what is found worth a finding.">
        <Button onPress={() => void saveTable('policies', POLICIES_CSV, allItems('listPolicies'))}>CSV</Button>
        {may('policies:draft') && <NewPolicy />}
      </PageHead>
      <Trouble fault={error} />
      <Rows
        label="Policies"
        columns={columns}
        rows={error === null ? policies : []}
        idOf={({ id }) => id}
        onOpen={({ id }) => void navigate({ to: '/policies/$id', params: { id } })}
        hasMore={hasNextPage}
        onMore={() => void fetchNextPage()}
        empty={
          <Empty title="There is no policy yet">
            <p>Until one is published, every agent looks at what its own file says, with the built-in rules.</p>
            {may('policies:draft') && <NewPolicy />}
          </Empty>
        }
      />
      {policies !== undefined && policies.length > 0 && <Assignments policies={policies} />}
    </>
  )
}
