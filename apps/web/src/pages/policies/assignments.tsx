// Which policy goes to which group: seen by everybody, changed as a whole by who publishes.
// What is wrong with a change is decide.ts.
import type { Policy } from '@muster/contract'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Card } from '../../parts/blocks.tsx'
import { Button, Choice, Trouble } from '../../parts/controls.tsx'
import { plainText } from '../../parts/decide-text.ts'
import { DialogForm } from '../../parts/dialog-form.tsx'
import { Said } from '../../parts/said.tsx'
import { saveShown } from '../../parts/save-table.ts'
import { type AnswerTo, ask } from '../../wire/ask.ts'
import { groupsQuery } from '../../wire/groups.ts'
import { useMay } from '../../wire/me.ts'
import { useForgetPolicies } from '../policy/publish.tsx'
import { assignmentsQuery } from '../policy/query.ts'
import { ASSIGNMENTS_CSV, judgeLines, type Line, linesOf, nextLine } from './decide.ts'

interface LinesSaid {
  readonly lines: readonly Line[]
  readonly policies: readonly Policy[]
  readonly groups: readonly string[]
  readonly onChange: (lines: readonly Line[]) => void
}

const Lines = ({ lines, policies, groups, onChange }: LinesSaid) => {
  const change = (at: number, part: Partial<Line>): void =>
    onChange(lines.map((line, index) => (index === at ? { ...line, ...part } : line)))
  return (
    <ul className="stack-tight">
      {lines.map((line, at) => (
        <li key={at} className="wrap">
          <Choice
            label={`Group of line ${at + 1}`}
            none="every other device"
            value={line.group}
            options={groups.map((group) => [group, plainText(group)] as const)}
            onChange={(group) => change(at, { group })}
          />
          <span className="soft">gets</span>
          <Choice
            label={`Policy of line ${at + 1}`}
            value={line.policyId}
            options={policies.map(({ id, name }) => [id, plainText(name)] as const)}
            onChange={(policyId) => change(at, { policyId })}
          />
          {line.group !== '' && (
            <label className="wrap">
              <span className="soft">priority</span>
              <input
                className="input"
                style={{ width: '5.5rem' }}
                inputMode="numeric"
                value={line.priority}
                onChange={({ target }) => change(at, { priority: target.value })}
              />
            </label>
          )}
          <Button
            tone="quiet"
            icon="cross"
            label={`Remove line ${at + 1}`}
            onPress={() => onChange(lines.toSpliced(at, 1))}
          />
        </li>
      ))}
      <li>
        <Button onPress={() => onChange([...lines, nextLine(lines, policies, groups)])}>Add a line</Button>
      </li>
    </ul>
  )
}

interface EditSaid {
  readonly begin: AnswerTo<'listAssignments'>
  readonly policies: readonly Policy[]
  readonly onClose: () => void
}

const EditDialog = ({ begin, policies, onClose }: EditSaid) => {
  const [version] = useState(begin.version)
  const [lines, setLines] = useState(linesOf(begin.items))
  const { data: groups = [] } = useQuery(groupsQuery)
  const forget = useForgetPolicies()
  const judged = judgeLines(lines)
  const save = useMutation({
    mutationFn: async () => (judged.ok ? ask('replaceAssignments', { body: judged.body, ifMatch: version }) : null),
    onError: forget,
    onSuccess: async () => {
      await forget()
      onClose()
    },
  })
  return (
    <DialogForm
      title="Who gets which policy"
      verb="Save"
      doing={save}
      isDisabled={!judged.ok}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <p className="soft">A device in several groups gets the policy of the highest priority.</p>
      <Lines lines={lines} policies={policies} groups={groups.map(({ name }) => name)} onChange={setLines} />
      {!judged.ok && (
        <p className="mark tone-critical" role="alert">
          {judged.fault}
        </p>
      )}
    </DialogForm>
  )
}

export const Assignments = ({ policies }: { readonly policies: readonly Policy[] }) => {
  const may = useMay()
  const [isEditing, setEditing] = useState(false)
  const { data: assignments, error } = useQuery(assignmentsQuery)
  const published = policies.filter(({ generation }) => generation !== null)
  const nameOf = (id: string): string => policies.find((policy) => policy.id === id)?.name ?? id
  const save = ({ items }: AnswerTo<'listAssignments'>) =>
    saveShown(
      'assignments',
      ASSIGNMENTS_CSV,
      items.map((assignment) => ({ ...assignment, policy: nameOf(assignment.policyId) })),
    )
  const everyOther = assignments?.items.length === 1 ? 'every device' : 'every other device'
  return (
    <Card
      title="Who gets which"
      aside={
        assignments !== undefined && (
          <span className="wrap">
            <Button tone="quiet" label="Who gets which as CSV" onPress={() => void save(assignments)}>
              CSV
            </Button>
            {may('policies:publish') && published.length > 0 && (
              <Button onPress={() => setEditing(true)}>Change</Button>
            )}
          </span>
        )
      }
    >
      <Trouble fault={error} />
      {assignments?.items.length === 0 && (
        <p className="soft">Nobody gets any: devices use their own files. Publishing a policy assigns it.</p>
      )}
      <ul className="attention">
        {assignments?.items.map(({ policyId, group, priority }) => (
          <li key={`${policyId} ${group}`}>
            <span style={{ flex: 1 }}>{group === null ? everyOther : <Said text={group} />}</span>
            <Said text={nameOf(policyId)} />
            <span className="faint small">{group !== null && `priority ${priority.toLocaleString()}`}</span>
          </li>
        ))}
      </ul>
      {isEditing && assignments !== undefined && (
        <EditDialog begin={assignments} policies={published} onClose={() => setEditing(false)} />
      )}
    </Card>
  )
}
