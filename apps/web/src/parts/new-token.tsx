// Making a token of whichever kind: a form that says what is wrong once one tried, and the raw value, shown this one time.
// What a token of a kind is asked to be, and what else is done with it, is its page's.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { ListName } from '../wire/lists.ts'
import { Card } from './blocks.tsx'
import { Button, CopyButton, Trouble } from './controls.tsx'
import { Icon } from './icon.tsx'
import { Said } from './said.tsx'

export type JudgedWish<Body, Faults> =
  | { readonly ok: true; readonly body: Body }
  | { readonly ok: false; readonly faults: Faults }

export interface NewTokenSaid<Body, Faults, Made> {
  readonly title: string
  readonly judged: JudgedWish<Body, Faults>
  /** Given nothing to complain of before somebody tried. */
  readonly fields: (faults: Faults | null) => ReactNode
  readonly make: (body: Body) => Promise<Made>
  /** The list it then is in. */
  readonly list: ListName
  readonly onMade: (made: Made) => void
}

export const NewToken = <Body, Faults, Made>(said: NewTokenSaid<Body, Faults, Made>) => {
  const { title, judged, fields, make, list, onMade } = said
  const [isTried, setTried] = useState(false)
  const client = useQueryClient()
  const making = useMutation({
    mutationFn: make,
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: [list] })
      onMade(made)
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (judged.ok) making.mutate(judged.body)
  }
  return (
    <Card title={title}>
      <form className="stack" onSubmit={submit} noValidate>
        {fields(judged.ok || !isTried ? null : judged.faults)}
        <Trouble fault={making.error} />
        <div className="actions">
          <Button type="submit" tone="main" isDisabled={making.isPending}>
            Make token
          </Button>
        </div>
      </form>
    </Card>
  )
}

export interface MadeTokenSaid {
  readonly title: string
  readonly name: string
  readonly token: string
  readonly onClose: () => void
  readonly children?: ReactNode
}

export const MadeToken = ({ title, name, token, onClose, children }: MadeTokenSaid) => (
  <Card title={title} aside={<Said text={name} />}>
    <div className="stack">
      <div className="notice tone-suspicious">
        <Icon name="suspicious" />
        <p>Copy what you need now: the token itself is not kept and cannot be shown again.</p>
      </div>
      <p className="wrap">
        <span className="soft">Token</span>
        <code>{token}</code>
        <CopyButton text={token} />
      </p>
      {children}
      <div className="actions">
        <Button onPress={onClose}>Done</Button>
      </div>
    </div>
  </Card>
)
