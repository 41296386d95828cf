// How long each kind of data is kept: longer at once, shorter a day later, so that there is time to undo it.
// What is wrong with a number is decide.ts.
import type { RetainedKind, RetentionTerm } from '@muster/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Card, SkeletonLines } from '../../parts/blocks.tsx'
import { Button, Dialog, Field, Trouble } from '../../parts/controls.tsx'
import { Moment } from '../../parts/moment.tsx'
import { type AnswerTo, ask } from '../../wire/ask.ts'
import { useMay } from '../../wire/me.ts'
import { judgeDays, kindWords } from './decide.ts'
import { retentionQuery } from './query.ts'

type Kept = AnswerTo<'readRetention'>
type Typed = Partial<Readonly<Record<RetainedKind, string>>>

interface TermSaid {
  readonly term: RetentionTerm
  readonly value: string
  readonly fault: string | undefined
  readonly mayChange: boolean
  readonly onChange: (text: string) => void
}

const Term = ({ term, value, fault, mayChange, onChange }: TermSaid) => {
  const [name, says] = kindWords[term.kind]
  return (
    <div className="stack-tight">
      {mayChange ? (
        <Field label={`${name}, days`} type="number" value={value} onChange={onChange} hint={says} fault={fault} />
      ) : (
        <p>
          <strong>{name}</strong>: {term.days.toLocaleString()} days, <span className="soft">{says}</span>
        </p>
      )}
      {term.pending !== null && (
        <p className="soft small">
          {term.days.toLocaleString()} days until <Moment at={term.pending.effectiveAt} exact />; then{' '}
          {term.pending.days.toLocaleString()}. Saying {term.days.toLocaleString()} again undoes it.
        </p>
      )}
    </div>
  )
}

/** Shortening deletes, so it is asked about; lengthening is not. */
const isShorter = ({ items }: Kept, days: { readonly [Kind in RetainedKind]?: number | undefined }): boolean =>
  items.some((term) => (days[term.kind] ?? term.days) < term.days)

const Terms = ({ kept }: { readonly kept: Kept }) => {
  const may = useMay()
  const client = useQueryClient()
  const [typed, setTyped] = useState<Typed>({})
  const [isAsking, setAsking] = useState(false)
  const judged = judgeDays(kept.items, typed)
  const save = useMutation({
    mutationFn: async () =>
      judged.ok ? ask('changeRetention', { body: { days: judged.days }, ifMatch: kept.version }) : null,
    onSuccess: (next) => {
      setTyped({})
      setAsking(false)
      if (next !== null) client.setQueryData(retentionQuery.queryKey, next)
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!judged.ok) return
    if (isShorter(kept, judged.days)) setAsking(true)
    else save.mutate()
  }
  const mayChange = may('settings:write')
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <div className="grid">
        {kept.items.map((term) => (
          <Term
            key={term.kind}
            term={term}
            value={typed[term.kind] ?? String(term.pending?.days ?? term.days)}
            fault={judged.ok ? undefined : judged.faults[term.kind]}
            mayChange={mayChange}
            onChange={(text) => setTyped({ ...typed, [term.kind]: text })}
          />
        ))}
      </div>
      <Trouble fault={save.error} />
      {mayChange && (
        <div className="actions">
          <Button type="submit" tone="main" isDisabled={!judged.ok || !judged.isChanged || save.isPending}>
            Save
          </Button>
        </div>
      )}
      <Dialog title="Keep it for a shorter time?" isOpen={isAsking} onClose={() => setAsking(false)}>
        <p>In 24 hours everything that is older then is deleted for good, unless a legal hold keeps it.</p>
        <div className="actions">
          <Button onPress={() => setAsking(false)}>Cancel</Button>
          <Button tone="danger" isDisabled={save.isPending} onPress={() => save.mutate()}>
            Keep shorter
          </Button>
        </div>
      </Dialog>
    </form>
  )
}

export const RetentionTerms = () => {
  const { data: kept, error } = useQuery(retentionQuery)
  return (
    <Card title="How long data is kept" aside="what is still there is kept regardless of its age">
      <Trouble fault={error} />
      {kept === undefined && error === null && <SkeletonLines lines={6} />}
      {kept !== undefined && <Terms key={kept.version} kept={kept} />}
    </Card>
  )
}
