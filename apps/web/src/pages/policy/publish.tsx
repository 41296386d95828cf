// Publishing a document, after saying where it goes: kept as a revision first, then compiled and assigned by the server.
// Going back to an earlier generation is generations.tsx.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { DialogForm } from '../../parts/dialog-form.tsx'
import { Said } from '../../parts/said.tsx'
import { type AnswerTo, ask } from '../../wire/ask.ts'
import { groupsQuery } from '../../wire/groups.ts'
import { assignmentsQuery } from './query.ts'

export type Published = AnswerTo<'publishRevision'>

/** Everything that says something about policies is asked again. */
export const useForgetPolicies = () => {
  const client = useQueryClient()
  return async (): Promise<void> => {
    const keys = ['listPolicies', 'listRevisions', 'listGenerations', 'policyAdoption', 'listAssignments']
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
  readonly yaml: string
  /** Null when the text is not kept yet: it is, before it is published. */
  readonly revisionId: string | null
  readonly groups: readonly string[]
  readonly onClose: () => void
  /** Also when publishing then fails. */
  readonly onKept: () => void
  readonly onDone: (published: Published) => void
}

export const PublishDialog = ({ yaml, revisionId, groups, onClose, onKept, onDone }: PublishSaid) => {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(groups))
  const forget = useForgetPolicies()
  useQuery(assignmentsQuery)
  const publish = useMutation({
    mutationFn: async () => {
      const id = revisionId ?? (await ask('savePolicy', { body: { yaml } })).revision.id
      onKept()
      return ask('publishRevision', { params: { id }, body: chosen.size === 0 ? {} : { groups: [...chosen] } })
    },
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
      onSubmit={() => publish.mutate()}
      onClose={onClose}
    >
      <p>Devices are told of it at their next check-in and take it within a minute or two. It can be rolled back.</p>
      <Groups chosen={chosen} onChange={setChosen} />
    </DialogForm>
  )
}
