// How far a policy has come among the devices it is for: a bar, and the same in words.
// What counts as current is the server's to say.
import type { policyAdoption, ReplyOf } from '@muster/contract'
import { shareOf } from './decide-share.ts'

export const Adoption = ({ adoption }: { readonly adoption: ReplyOf<typeof policyAdoption> }) => {
  const { devices, current, pending, refused, unknown } = adoption
  return (
    <div className="adoption">
      <div className="bar" aria-hidden="true">
        <span className="tone-good" style={{ width: `${shareOf(current, devices)}%` }} />
        <span className="tone-notable" style={{ width: `${shareOf(pending, devices)}%` }} />
        <span className="tone-critical" style={{ width: `${shareOf(refused, devices)}%` }} />
      </div>
      <span className="soft small">
        {current.toLocaleString()} of {devices.toLocaleString()} current · {pending.toLocaleString()} pending ·{' '}
        {refused.toLocaleString()} refused · {unknown.toLocaleString()} unknown
      </span>
    </div>
  )
}
