// What can be done to the devices that are chosen: give a tag, take one, revoke.
// Each device is asked for by itself, so that one refusal does not undo the others.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button, Dialog, Field, Trouble } from '../../parts/controls.tsx'
import { Said } from '../../parts/said.tsx'
import type { ItemOf } from '../../wire/ask.ts'
import { useMay } from '../../wire/me.ts'
import { type BulkOutcome, revokeAll, tagAll } from './query.ts'

type Device = ItemOf<'listDevices'>
type Deed = 'tag' | 'untag' | 'revoke'

const words: Readonly<Record<Deed, { readonly title: string; readonly label: string; readonly verb: string }>> = {
  tag: { title: 'Give a tag', label: 'Tag, such as team=web', verb: 'Give' },
  untag: { title: 'Take a tag', label: 'Tag', verb: 'Take' },
  revoke: { title: 'Revoke', label: 'Reason (optional)', verb: 'Revoke' },
}

const perform = (deed: Deed, devices: readonly Device[], text: string): Promise<BulkOutcome> =>
  deed === 'revoke' ? revokeAll(devices, text) : tagAll(devices, text, deed === 'tag')

export interface BulkSaid {
  readonly devices: readonly Device[]
  readonly onDone: () => void
}

export const Bulk = ({ devices, onDone }: BulkSaid) => {
  const may = useMay()
  const [deed, setDeed] = useState<Deed | null>(null)
  if (devices.length === 0) return null
  return (
    <div className="notice" role="region" aria-label="Chosen devices">
      <strong>{devices.length.toLocaleString()} chosen</strong>
      <div className="wrap">
        {may('devices:tag') && <Button onPress={() => setDeed('tag')}>Give a tag</Button>}
        {may('devices:tag') && <Button onPress={() => setDeed('untag')}>Take a tag</Button>}
        {may('devices:write') && (
          <Button tone="danger" onPress={() => setDeed('revoke')}>
            Revoke
          </Button>
        )}
        <Button tone="quiet" onPress={onDone}>
          Choose none
        </Button>
      </div>
      {deed !== null && <DeedDialog deed={deed} devices={devices} onClose={() => setDeed(null)} onDone={onDone} />}
    </div>
  )
}

interface DeedSaid extends BulkSaid {
  readonly deed: Deed
  readonly onClose: () => void
}

const DeedDialog = ({ deed, devices, onClose, onDone }: DeedSaid) => {
  const [text, setText] = useState('')
  const client = useQueryClient()
  const act = useMutation({
    mutationFn: () => perform(deed, devices, text.trim()),
    onSuccess: async ({ declined }) => {
      await client.invalidateQueries({ queryKey: ['listDevices'] })
      if (declined.length > 0) return
      onClose()
      onDone()
    },
  })
  const { title, label, verb } = words[deed]
  return (
    <Dialog title={`${title}: ${devices.length.toLocaleString()} devices`} isOpen onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          act.mutate()
        }}
      >
        {deed === 'revoke' && (
          <p>Every certificate of these devices is denied at once. Their history and their findings stay.</p>
        )}
        <Field label={label} value={text} onChange={setText} autoFocus />
        <Trouble fault={act.error} />
        {act.data !== undefined && act.data.declined.length > 0 && (
          <div className="notice tone-critical" role="alert">
            <ul>
              <li>{act.data.done} done.</li>
              {act.data.declined.slice(0, 5).map((why) => (
                <li key={why}>
                  <Said text={why} />
                </li>
              ))}
            </ul>
          </div>
        )}
        <div className="actions">
          <Button onPress={onClose}>Cancel</Button>
          <Button
            type="submit"
            tone={deed === 'revoke' ? 'danger' : 'main'}
            isDisabled={act.isPending || (deed !== 'revoke' && text.trim() === '')}
          >
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
