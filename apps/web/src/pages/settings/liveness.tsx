// After which silence a device counts as how lively, for the whole tenant.
// What is wrong with a number is decide.ts.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Card, SkeletonLines } from '../../parts/blocks.tsx'
import { Button, Field, Trouble } from '../../parts/controls.tsx'
import { span } from '../../parts/decide-time.ts'
import { livenessLooks, Mark } from '../../parts/marks.tsx'
import { type AnswerTo, ask } from '../../wire/ask.ts'
import { useMay } from '../../wire/me.ts'
import { judgeLiveness, type TypedLiveness } from './decide.ts'
import { settingsQuery } from './query.ts'

const lines = [
  ['onlineSeconds', 'online'],
  ['idleSeconds', 'idle'],
  ['offlineSeconds', 'offline'],
] as const

const Thresholds = ({ settings }: { readonly settings: AnswerTo<'readSettings'> }) => {
  const may = useMay()
  const client = useQueryClient()
  const { liveness, version } = settings
  const [typed, setTyped] = useState<TypedLiveness>({
    onlineSeconds: String(liveness.onlineSeconds),
    idleSeconds: String(liveness.idleSeconds),
    offlineSeconds: String(liveness.offlineSeconds),
  })
  const judged = judgeLiveness(typed)
  const isChanged = lines.some(([key]) => typed[key] !== String(liveness[key]))
  const save = useMutation({
    mutationFn: async () =>
      judged.ok ? ask('changeSettings', { body: { liveness: judged.liveness }, ifMatch: version }) : null,
    onSuccess: (next) => {
      if (next !== null) client.setQueryData(settingsQuery.queryKey, next)
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (judged.ok) save.mutate()
  }
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <div className="grid">
        {lines.map(([key, word]) => (
          <Field
            key={key}
            label={`${word[0]?.toUpperCase()}${word.slice(1)} for so many seconds of silence`}
            type="number"
            value={typed[key]}
            onChange={(text) => setTyped({ ...typed, [key]: text })}
            hint={Number(typed[key]) > 0 ? span(Number(typed[key])) : ''}
            fault={judged.ok ? undefined : judged.faults[key]}
          />
        ))}
      </div>
      <p className="wrap">
        <span className="soft">After that it is</span> <Mark look={livenessLooks.dormant} />
      </p>
      <Trouble fault={save.error} />
      {may('settings:write') && (
        <div className="actions">
          <Button type="submit" tone="main" isDisabled={!judged.ok || !isChanged || save.isPending}>
            Save
          </Button>
        </div>
      )}
    </form>
  )
}

export const Liveness = () => {
  const { data: settings, error } = useQuery(settingsQuery)
  return (
    <Card title="When a device counts as silent">
      <Trouble fault={error} />
      {settings === undefined && error === null && <SkeletonLines lines={4} />}
      {settings !== undefined && <Thresholds key={settings.version} settings={settings} />}
    </Card>
  )
}
