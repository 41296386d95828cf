// Publishing a document, after saying where it goes: kept as a revision first, then compiled and assigned by the server.
// Going back to an earlier generation is generations.tsx.
import type { Policy } from '@muster/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { DialogForm } from '../../parts/dialog-form.tsx'
import { Said } from '../../parts/said.tsx'
import { type AnswerTo, ask } from '../../wire/ask.ts'
import { groupsQuery } from '../../wire/groups.ts'
import { groupsOf } from './decide.ts'
import { Plan } from './plan.tsx'
import { assignmentsQuery } from './query.ts'

export type Published = AnswerTo<'publishRevision'>

/** Everything that says something about policies is asked again. */
export const useForgetPolicies = () => {
  const client = useQueryClient()
  return async (): Promise<void> => {
    const keys = ['listPolicies', 'readPolicy', 'listRevisions', 'listGenerations', 'policyAdoption', 'listAssignments']
    await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })))
  }
}

interface GroupsSaid {
  readonly chosen: ReadonlySet<string>
  readonly onChange: (chosen: ReadonlySet<string>) => void
}

const Groups = ({ chosen, onChange }: GroupsSaid) => {
  const { data: groups } = useQuery(groupsQuery)
  if (groups === undefined) return null
  return (
    <fieldset className="choices">
      <legend>Where it goes</legend>
      <label className="wrap">
        <input type="radio" checked={chosen.size === 0} onChange={() => onChange(new Set())} />
        every device that no group's policy is for
      </label>
      {groups.map(({ id, name, memberCount }) => (
        <label key={id} className="wrap">
          <input
            type="checkbox"
            checked={chosen.has(name)}
            onChange={() => onChange(chosen.symmetricDifference(new Set([name])))}
          />
          <span>
            group <Said text={name} />
          </span>
          <span className="faint">{memberCount.toLocaleString()} devices</span>
        </label>
      ))}
    </fieldset>
  )
}

export interface PublishSaid {
  /** As the page shows it: publishing is refused when another was put in force since. */
  readonly policy: Policy | null
  readonly yaml: string
  /** Null when the text is not kept yet: it is, before it is published. */
  readonly revisionId: string | null
  readonly onClose: () => void
  /** Also when publishing then fails. */
  readonly onKept: () => void
  readonly onDone: (published: Published) => void
}

/** The revision to publish, kept now unless it was, and the version that its policy has for whoever looks at it. */
const keptAs = async (seen: Policy | null, revisionId: string | null, yaml: string) => {
  if (seen !== null && revisionId !== null) return { id: revisionId, ifMatch: seen.version }
  const { policy, revision } = await ask('savePolicy', { body: { yaml } })
  // A text with another name in it is kept as another policy.
  return { id: revision.id, ifMatch: policy.id === seen?.id ? seen.version : policy.version }
}

export const PublishDialog = ({ policy, yaml, revisionId, onClose, onKept, onDone }: PublishSaid) => {
  const [seen] = useState(policy)
  const forget = useForgetPolicies()
  const { data: assignments } = useQuery(assignmentsQuery)
  const [picked, setPicked] = useState<ReadonlySet<string> | null>(null)
  const chosen = picked ?? new Set(seen === null ? [] : groupsOf(assignments?.items ?? [], seen.id))
  const publish = useMutation({
    mutationFn: async () => {
      const { id, ifMatch } = await keptAs(seen, revisionId, yaml)
      onKept()
      const body = chosen.size === 0 ? {} : { groups: [...chosen] }
      return ask('publishRevision', { params: { id }, body, ifMatch })
    },
    onError: forget,
    onSuccess: async (published) => {
      await forget()
      onDone(published)
    },
  })
  return (
    <DialogForm
      title="Publish this policy?"
      verb="Publish"
      doing={publish}
      isDisabled={assignments === undefined}
      onSubmit={() => publish.mutate()}
      onClose={onClose}
    >
      <p>Devices are told of it at their next check-in and take it within a minute or two. It can be rolled back.</p>
      <Groups chosen={chosen} onChange={setPicked} />
      {assignments !== undefined && <Plan yaml={yaml} groups={[...chosen].toSorted()} />}
    </DialogForm>
  )
}
