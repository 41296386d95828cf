// Views of the list under names of one's own, kept in this browser: each is an address.
// What an address means is decide.ts.
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { Button, Choice, Dialog, Field } from '../../parts/controls.tsx'
import { type DevicesView, isFiltered, readDevicesView } from './decide.ts'

const key = 'muster.devices.views'

type Views = Readonly<Record<string, DevicesView>>

const readViews = (): Views => {
  try {
    const said = JSON.parse(localStorage.getItem(key) ?? '{}') as Record<string, Record<string, unknown>>
    return Object.fromEntries(Object.entries(said).map(([name, words]) => [name, readDevicesView(words)]))
  } catch {
    return {} // nothing kept, or by something else
  }
}

const writeViews = (views: Views): void => {
  try {
    localStorage.setItem(key, JSON.stringify(views))
  } catch {
    // A browser that keeps nothing; the address still is the view.
  }
}

const NameDialog = ({ onClose, onName }: { readonly onClose: () => void; readonly onName: (name: string) => void }) => {
  const [name, setName] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (name.trim() !== '') onName(name.trim())
  }
  return (
    <Dialog title="Save this view" isOpen onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <Field
          label="Name"
          value={name}
          onChange={setName}
          hint="Kept in this browser. To share it, copy the address."
          autoFocus
        />
        <div className="actions">
          <Button onPress={onClose}>Cancel</Button>
          <Button tone="main" type="submit" isDisabled={name.trim() === ''}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

export const SavedViews = ({ view }: { readonly view: DevicesView }) => {
  const [views, setViews] = useState(readViews)
  const [isNaming, setNaming] = useState(false)
  const navigate = useNavigate()
  const names = Object.keys(views).toSorted((left, right) => left.localeCompare(right))
  const current = names.find((one) => JSON.stringify(views[one]) === JSON.stringify(view)) ?? ''
  const keep = (next: Views): void => {
    writeViews(next)
    setViews(next)
  }
  const save = (name: string): void => {
    keep({ ...views, [name]: view })
    setNaming(false)
  }
  return (
    <>
      {names.length > 0 && (
        <Choice
          label="Saved view"
          value={current}
          none="Views"
          options={names.map((one) => [one, one] as const)}
          onChange={(chosen) => void navigate({ to: '/devices', search: views[chosen] ?? {} })}
        />
      )}
      {current === '' && isFiltered(view) && (
        <Button tone="quiet" onPress={() => setNaming(true)}>
          Save view
        </Button>
      )}
      {current !== '' && (
        <Button
          tone="quiet"
          onPress={() => keep(Object.fromEntries(Object.entries(views).filter(([one]) => one !== current)))}
        >
          Forget view
        </Button>
      )}
      {isNaming && <NameDialog onClose={() => setNaming(false)} onName={save} />}
    </>
  )
}
