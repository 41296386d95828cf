// What can be done to one device: name, owner, notes and tags; revoke, retire, bring back, ask for everything again;
// merging and deleting data are endings.tsx.
// Whether a step is possible from here is the server's to say; what this operator may not do is not offered.
import type { Device } from '@muster/contract'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Button, Field } from '../../parts/controls.tsx'
import { DialogForm } from '../../parts/dialog-form.tsx'
import { ask } from '../../wire/ask.ts'
import { useMay } from '../../wire/me.ts'
import { DeleteDataDialog, MergeDialog } from './endings.tsx'
import { useKeepDevice } from './keep.ts'

const steps = {
  revokeDevice: {
    word: 'Revoke',
    tone: 'danger',
    says: 'Every certificate of the device is denied at once. Its history and its findings stay.',
  },
  retireDevice: {
    word: 'Retire',
    tone: 'danger',
    says: 'The machine left the fleet in good order. Its history stays, its open findings are resolved.',
  },
  reactivateDevice: { word: 'Reactivate', tone: 'main', says: 'The device may speak again.' },
  requestResnapshot: {
    word: 'Scan again',
    tone: 'main',
    says: 'The device is asked, once, to scan everything again. Some agents scan and send only what is new.',
  },
} as const satisfies Readonly<Record<string, { word: string; tone: 'main' | 'danger'; says: string }>>

type Step = keyof typeof steps

/** What makes sense from each state. */
const stepsFrom: Readonly<Record<Device['status'], readonly Step[]>> = {
  active: ['requestResnapshot', 'retireDevice', 'revokeDevice'],
  revoked: ['reactivateDevice', 'retireDevice'],
  retired: ['reactivateDevice'],
  merged: [],
}

const StepDialog = ({ device, step, onClose }: { device: Device; step: Step; onClose: () => void }) => {
  const [reason, setReason] = useState('')
  const onSuccess = useKeepDevice(device, onClose)
  const take = useMutation({
    mutationFn: () =>
      ask(step, { params: { id: device.id }, body: reason.trim() === '' ? {} : { reason: reason.trim() } }),
    onSuccess,
  })
  const { word, tone, says } = steps[step]
  return (
    <DialogForm
      title={`${word} this device?`}
      verb={word}
      tone={tone}
      doing={take}
      onSubmit={() => take.mutate()}
      onClose={onClose}
    >
      <p>{says}</p>
      <Field label="Reason (optional)" value={reason} onChange={setReason} autoFocus />
    </DialogForm>
  )
}

const textOrNull = (text: string): string | null => (text.trim() === '' ? null : text.trim())

const EditDialog = ({ device, onClose }: { readonly device: Device; readonly onClose: () => void }) => {
  const may = useMay()
  const [tags, setTags] = useState(device.tags.join(' '))
  const [displayName, setDisplayName] = useState(device.displayName ?? '')
  const [owner, setOwner] = useState(device.owner ?? '')
  const [notes, setNotes] = useState(device.notes ?? '')
  const onSuccess = useKeepDevice(device, onClose)
  const mayDescribe = may('devices:write')
  const save = useMutation({
    mutationFn: () =>
      ask('changeDevice', {
        params: { id: device.id },
        ifMatch: device.version,
        body: {
          tags: tags.split(/[,\s]+/).filter((tag) => tag !== ''),
          ...(mayDescribe && {
            displayName: textOrNull(displayName),
            owner: textOrNull(owner),
            notes: notes === '' ? null : notes,
          }),
        },
      }),
    onSuccess,
  })
  return (
    <DialogForm title="Describe this device" verb="Save" doing={save} onSubmit={() => save.mutate()} onClose={onClose}>
      {mayDescribe && (
        <Field label="Name" value={displayName} onChange={setDisplayName} placeholder={device.hostname.slice(0, 60)} />
      )}
      {mayDescribe && <Field label="Owner" value={owner} onChange={setOwner} />}
      <Field label="Tags" value={tags} onChange={setTags} hint="key or key=value, parted by spaces" />
      {mayDescribe && <Field label="Notes" value={notes} onChange={setNotes} lines={4} />}
    </DialogForm>
  )
}

/** Of a device that may not speak, and whose data is there. */
const isDeletable = ({ status, dataDeletion }: Device): boolean =>
  (status === 'revoked' || status === 'retired') && dataDeletion === null

export const DeviceActions = ({ device }: { readonly device: Device }) => {
  const may = useMay()
  const [open, setOpen] = useState<Step | 'edit' | 'merge' | 'delete' | null>(null)
  const close = (): void => setOpen(null)
  return (
    <>
      {may('devices:tag') && <Button onPress={() => setOpen('edit')}>Describe</Button>}
      {may('devices:write') &&
        stepsFrom[device.status].map((step) => (
          <Button key={step} tone={steps[step].tone === 'danger' ? 'danger' : undefined} onPress={() => setOpen(step)}>
            {steps[step].word}
          </Button>
        ))}
      {may('devices:write') && device.status !== 'merged' && (
        <Button tone="danger" onPress={() => setOpen('merge')}>
          Merge
        </Button>
      )}
      {may('devices:delete-data') && isDeletable(device) && (
        <Button tone="danger" onPress={() => setOpen('delete')}>
          Delete data
        </Button>
      )}
      {open === 'edit' && <EditDialog device={device} onClose={close} />}
      {open === 'merge' && <MergeDialog device={device} onClose={close} />}
      {open === 'delete' && <DeleteDataDialog device={device} onClose={close} />}
      {open !== null && open in steps && <StepDialog device={device} step={open as Step} onClose={close} />}
    </>
  )
}
