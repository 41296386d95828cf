// What cannot be taken back: a device declared the former life of another, and everything it reported deleted.
// Both say what follows before anything is done; steps that can be taken back are actions.tsx.
import type { Device } from '@muster/contract'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ChoiceField, Field } from '../../parts/controls.tsx'
import { DialogForm } from '../../parts/dialog-form.tsx'
import { ask } from '../../wire/ask.ts'
import { useKeepDevice } from './keep.ts'

export interface EndingSaid {
  readonly device: Device
  readonly onClose: () => void
}

const reasonOf = (reason: string) => (reason.trim() === '' ? {} : { reason: reason.trim() })

export const MergeDialog = ({ device, onClose }: EndingSaid) => {
  const [intoId, setIntoId] = useState('')
  const [reason, setReason] = useState('')
  const onSuccess = useKeepDevice(device, onClose)
  const merge = useMutation({
    mutationFn: () =>
      ask('mergeDevice', { params: { id: device.id }, body: { intoId: intoId.trim(), ...reasonOf(reason) } }),
    onSuccess,
  })
  return (
    <DialogForm
      title="Merge this device into another?"
      verb="Merge"
      tone="danger"
      doing={merge}
      isDisabled={intoId.trim() === ''}
      onSubmit={() => merge.mutate()}
      onClose={onClose}
    >
      <p>
        This device is then a former life of the other: its history is read there, and its certificates are denied at
        once. It cannot be taken back.
      </p>
      {device.mergeCandidates.length > 0 && (
        <ChoiceField
          label="May be the same machine"
          none="Another one"
          value={device.mergeCandidates.includes(intoId) ? intoId : ''}
          options={device.mergeCandidates.map((id) => [id, id] as const)}
          onChange={setIntoId}
        />
      )}
      <Field label="Id of the device it is now" value={intoId} onChange={setIntoId} placeholder="dev_…" autoFocus />
      <Field label="Reason (optional)" value={reason} onChange={setReason} />
    </DialogForm>
  )
}

export const DeleteDataDialog = ({ device, onClose }: EndingSaid) => {
  const [confirm, setConfirm] = useState('')
  const [reason, setReason] = useState('')
  const onSuccess = useKeepDevice(device, onClose)
  const remove = useMutation({
    mutationFn: () =>
      ask('deleteDeviceData', { params: { id: device.id }, body: { confirm: confirm.trim(), ...reasonOf(reason) } }),
    onSuccess,
  })
  return (
    <DialogForm
      title="Delete everything it reported?"
      verb="Delete"
      tone="danger"
      doing={remove}
      isDisabled={confirm.trim() !== device.id}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <p>
        Its inventory, findings, events and heartbeats go for good; searches no longer know what was on it. The record
        of what operators did stays.
      </p>
      <Field label="The id of the device once more" value={confirm} onChange={setConfirm} hint={device.id} autoFocus />
      <Field label="Reason (optional)" value={reason} onChange={setReason} />
    </DialogForm>
  )
}
