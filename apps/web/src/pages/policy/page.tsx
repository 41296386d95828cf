// One policy: its document, what was published of it, and every text it had; each behind a tab that has an address.
// All policies, and where they go, are pages/policies.
import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import { Adoption } from '../../parts/adoption.tsx'
import { Empty, PageHead, SkeletonLines } from '../../parts/blocks.tsx'
import { Trouble } from '../../parts/controls.tsx'
import { Said } from '../../parts/said.tsx'
import { newPolicyId, type Tab, tabs } from './decide.ts'
import { PolicyDocument } from './document.tsx'
import { Generations } from './generations.tsx'
import { adoptionQuery, policyQuery } from './query.ts'
import { Revisions } from './revisions.tsx'

const words: Readonly<Record<Tab, string>> = {
  document: 'Document',
  generations: 'Generations',
  revisions: 'Revisions',
}

const Adopted = ({ id }: { readonly id: string }) => {
  const { data } = useQuery(adoptionQuery(id))
  return data === undefined ? null : <Adoption adoption={data} />
}

const Tabs = ({ id }: { readonly id: string }) => (
  <nav className="tabs" aria-label="About this policy">
    {tabs.map((one) => (
      <Link
        key={one}
        to="/policies/$id"
        params={{ id }}
        search={one === 'document' ? {} : { tab: one }}
        className="tab"
        activeOptions={{ exact: true, includeSearch: true }}
      >
        {words[one]}
      </Link>
    ))}
  </nav>
)

const NewPolicy = () => (
  <>
    <PageHead title="New policy" lead="A document in YAML; its metadata says what it is called." />
    <PolicyDocument policy={null} />
  </>
)

export const PolicyPage = () => {
  const { id } = useParams({ from: '/policies/$id' })
  const { tab = 'document' } = useSearch({ from: '/policies/$id' })
  const { data: policy, error } = useQuery(policyQuery(id))
  if (id === newPolicyId) return <NewPolicy />
  if (policy === undefined)
    return (
      <>
        <PageHead title="Policy" />
        {error === null ? <SkeletonLines lines={14} /> : <Trouble fault={error} />}
      </>
    )
  if (policy === null)
    return (
      <>
        <PageHead title="Policy" />
        <Empty title="There is no such policy">
          <Link to="/policies">All policies</Link>
        </Empty>
      </>
    )
  return (
    <>
      <PageHead
        title={policy.name}
        heading={<Said text={policy.name} />}
        lead={policy.description === '' ? undefined : <Said text={policy.description} />}
      />
      {policy.generation !== null && <Adopted id={id} />}
      <Tabs id={id} />
      {tab === 'document' && <PolicyDocument key={policy.id} policy={policy} />}
      {tab === 'generations' && <Generations policy={policy} />}
      {tab === 'revisions' && <Revisions id={id} />}
    </>
  )
}
