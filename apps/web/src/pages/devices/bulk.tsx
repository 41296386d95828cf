// What can be done to the devices that are chosen, or to all that a view finds: give tags, take tags, revoke.
// Each device has its own verdict: one refusal does not undo the others, and is told.
import type { DeviceVerdict } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Button, Dialog, Field, Trouble } from '../../parts/controls.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import { useMay } from '../../wire/me.ts'
import { type Deed, doToAll, type Picked } from './query.ts'

type Kind = Deed['kind']

const words: Readonly<Record<Kind, { readonly title: string; readonly label: string; readonly verb: string }>> = {
  tag: { title: 'Give tags', label: 'Tags, such as team=web', verb: 'Give' },
  untag: { title: 'Take tags', label: 'Tags, such as team=web', verb: 'Take' },
  revoke: { title: 'Revoke', label: 'Reason (optional)', verb: 'Revoke' },
}

const deedOf = (kind: Kind, text: string): Deed =>
  kind === 'revoke' ? { kind, reason: text.trim() } : { kind, tags: text.split(/[,\s]+/).filter((tag) => tag !== '') }

export interface BulkSaid {
  readonly isAny: boolean
  readonly picked: Picked
  /** How many that is, in words. */
  readonly howMany: string
  /** Absent where all that the view finds are chosen, or loaded. */
  readonly onAll?: (() => void) | undefined
  readonly nameOf: (id: string) => string
  readonly onDone: () => void
}

const Deeds = ({ said, onDeed }: { readonly said: BulkSaid; readonly onDeed: (kind: Kind) => void }) => {
  const may = useMay()
  return (
    <div className="notice" role="region" aria-label="Chosen devices">
      <strong>{said.howMany} chosen</strong>
      <div className="wrap">
        {said.onAll !== undefined && <Button onPress={said.onAll}>Choose all that the list finds</Button>}
        {may('devices:tag') && <Button onPress={() => onDeed('tag')}>Give tags</Button>}
        {may('devices:tag') && <Button onPress={() => onDeed('untag')}>Take tags</Button>}
        {may('devices:write') && (
          <Button tone="danger" onPress={() => onDeed('revoke')}>
            Revoke
          </Button>
        )}
        <Button tone="quiet" onPress={said.onDone}>
          Choose none
        </Button>
      </div>
    </div>
  )
}

/** What is being done stays about the devices as they were chosen, also when some of them then leave the list. */
export const Bulk = (said: BulkSaid) => {
  const [doing, setDoing] = useState<{ readonly kind: Kind; readonly said: BulkSaid } | null>(null)
  return (
    <>
      {said.isAny && <Deeds said={said} onDeed={(kind) => setDoing({ kind, said })} />}
      {doing !== null && <DeedDialog {...doing.said} kind={doing.kind} onClose={() => setDoing(null)} />}
    </>
  )
}

const VERDICTS_CSV: CsvTable<DeviceVerdict> = {
  columns: ['deviceId', 'outcome', 'code', 'message'],
  rowsOf: ({ id, outcome, refusal }) => [[id, outcome, refusal?.code ?? null, refusal?.message ?? null]],
}

const mostRefused = 50

const countOf = (verdicts: readonly DeviceVerdict[], outcome: DeviceVerdict['outcome']): number =>
  verdicts.filter((one) => one.outcome === outcome).length

interface VerdictsSaid extends Pick<BulkSaid, 'nameOf'> {
  readonly verdicts: readonly DeviceVerdict[]
}

const Verdicts = ({ verdicts, nameOf }: VerdictsSaid) => {
  const refused = verdicts.filter(({ outcome }) => outcome === 'refused')
  const save = async function* () {
    yield verdicts
  }
  return (
    <div className="stack-tight" role="status">
      <p className="wrap">
        <span>{countOf(verdicts, 'done').toLocaleString()} done,</span>
        <span>{countOf(verdicts, 'unchanged').toLocaleString()} were so before,</span>
        <span>{refused.length.toLocaleString()} refused</span>
        {verdicts.length > 0 && (
          <Button tone="quiet" onPress={() => void saveTable('verdicts', VERDICTS_CSV, save())}>
            CSV
          </Button>
        )}
      </p>
      {refused.length > 0 && (
        <ul className="choices" tabIndex={0} aria-label="Refused">
          {refused.slice(0, mostRefused).map(({ id, refusal }) => (
            <li key={id}>
              <strong>
                <Said text={nameOf(id)} />
              </strong>{' '}
              <Said text={refusal?.message ?? ''} />
            </li>
          ))}
          {refused.length > mostRefused && <li>and {(refused.length - mostRefused).toLocaleString()} more</li>}
        </ul>
      )}
    </div>
  )
}

interface DeedSaid extends BulkSaid {
  readonly kind: Kind
  readonly onClose: () => void
}

/** What was done stays told until whoever did it has seen it, unless all of it went well. */
const useDeed = ({ kind, picked, onClose, onDone }: DeedSaid, text: string) => {
  const client = useQueryClient()
  const [verdicts, setVerdicts] = useState<readonly DeviceVerdict[]>([])
  const act = useMutation({
    mutationFn: async () => {
      const all: DeviceVerdict[] = []
      for await (const some of doToAll(deedOf(kind, text), picked)) {
        all.push(...some)
        setVerdicts([...all])
      }
      return all
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['listDevices'] }),
    onSuccess: (all) => {
      if (countOf(all, 'refused') > 0) return
      onClose()
      onDone()
    },
  })
  return { act, verdicts }
}

const DeedDialog = (said: DeedSaid) => {
  const { kind, howMany, nameOf, onClose, onDone } = said
  const [text, setText] = useState('')
  const { act, verdicts } = useDeed(said, text)
  const { title, label, verb } = words[kind]
  const isOver = act.isSuccess
  const close = (): void => {
    onClose()
    if (isOver) onDone()
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!act.isPending && !isOver) act.mutate()
  }
  return (
    <Dialog title={`${title}: ${howMany}`} isOpen onClose={close}>
      <form className="stack" onSubmit={submit}>
        {kind === 'revoke' && (
          <p>Every certificate of these devices is denied at once. Their history and their findings stay.</p>
        )}
        {!isOver && <Field label={label} value={text} onChange={setText} autoFocus />}
        <Trouble fault={act.error} />
        {(act.isPending || isOver || verdicts.length > 0) && <Verdicts verdicts={verdicts} nameOf={nameOf} />}
        <div className="actions">
          <Button onPress={close}>{isOver ? 'Close' : 'Cancel'}</Button>
          {!isOver && (
            <Button
              type="submit"
              tone={kind === 'revoke' ? 'danger' : 'main'}
              isDisabled={act.isPending || (kind !== 'revoke' && text.trim() === '')}
            >
              {verb}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  )
}
