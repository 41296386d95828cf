// How much of the fleet was looked at, surface by surface: what was not looked at cannot be searched.
// What each word means is the server's to say; the coverage of one device is on its page.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Card, SkeletonLines } from '../../parts/blocks.tsx'
import { Trouble } from '../../parts/controls.tsx'
import { shareOf } from '../../parts/decide-share.ts'
import { coverageLooks, Mark } from '../../parts/marks.tsx'
import { Said } from '../../parts/said.tsx'
import { saveShown } from '../../parts/save-table.ts'
import type { ItemOf } from '../../wire/ask.ts'
import { coverages } from '../../wire/routes.built.ts'
import { Csv } from './csv.tsx'
import { coverageQuery } from './query.ts'
import { COVERAGE_CSV } from './tables.ts'

type Surface = ItemOf<'readCoverage'>

/** Best first, and what nobody looked at last. */
const order = ['complete', 'stale', 'partial'] as const

const Bar = ({ item: { surface, devices } }: { readonly item: Surface }) => {
  const total = coverages.reduce((sum, one) => sum + devices[one], 0)
  const said = order.flatMap((one) => (devices[one] === 0 ? [] : [`${devices[one].toLocaleString()} ${one}`]))
  return (
    <li className="stack-tight">
      <span className="wrap">
        <Said text={surface} />
        <span className="soft small">
          {said.join(' · ')} of {total.toLocaleString()}
        </span>
      </span>
      <span className="bar" aria-hidden="true">
        {order.map((one) => (
          <span
            key={one}
            className={`tone-${coverageLooks[one].tone}`}
            style={{ width: `${shareOf(devices[one], total)}%` }}
          />
        ))}
      </span>
    </li>
  )
}

export const FleetCoverage = () => {
  const { data, error } = useQuery(coverageQuery)
  return (
    <Card
      title="Devices by coverage"
      aside={
        <span className="wrap">
          not observed is not the same as not present
          <Csv name="Devices by coverage" onPress={() => saveShown('coverage', COVERAGE_CSV, data?.items ?? [])} />
        </span>
      }
    >
      <Trouble fault={error} />
      {data === undefined && error === null && <SkeletonLines lines={4} />}
      {data?.items.length === 0 && <p className="soft">Nothing was received from any surface yet.</p>}
      <ul className="stack-tight">
        {data?.items.map((item) => (
          <Bar key={item.surface} item={item} />
        ))}
      </ul>
      <p className="wrap small legend-line">
        {([...order, 'none'] as const).map((one) => (
          <Link key={one} to="/devices" search={{ coverage: one }}>
            <Mark look={coverageLooks[one]} />
          </Link>
        ))}
      </p>
    </Card>
  )
}
