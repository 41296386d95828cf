// A dialog that asks for something and does it: what it asks, why it was declined, and the way out beside the way on.
// Dialogs that ask nothing, or stay when it is done, put themselves together from controls.tsx.
import type { FormEvent, ReactNode } from 'react'
import { Button, Dialog, Trouble } from './controls.tsx'

interface DialogFormSaid {
  readonly title: string
  /** What the button that does it says. */
  readonly verb: string
  readonly tone?: 'main' | 'danger'
  /** The request that does it. */
  readonly doing: { readonly error: unknown; readonly isPending: boolean }
  readonly isDisabled?: boolean
  readonly onSubmit: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}

export const DialogForm = (said: DialogFormSaid) => {
  const { title, verb, tone = 'main', doing, isDisabled = false, onSubmit, onClose, children } = said
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onSubmit()
  }
  return (
    <Dialog title={title} isOpen onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        {children}
        <Trouble fault={doing.error} />
        <div className="actions">
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" tone={tone} isDisabled={isDisabled || doing.isPending}>
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
