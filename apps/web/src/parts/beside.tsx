// What is open beside a list: under it where there is little room.
// What it shows is the page's; that it is open stands in the address.
import type { ReactNode } from 'react'
import { Button } from './controls.tsx'

export interface BesideSaid {
  readonly title: ReactNode
  readonly label: string
  readonly onClose: () => void
  readonly children: ReactNode
}

export const Beside = ({ title, label, onClose, children }: BesideSaid) => (
  <aside className="card beside" aria-label={label}>
    <header>
      <h2>{title}</h2>
      <Button tone="quiet" icon="cross" label="Close" onPress={onClose} />
    </header>
    <div className="card-body stack">{children}</div>
  </aside>
)

/** A list, and what of it is open. */
export const WithBeside = ({ children, beside }: { readonly children: ReactNode; readonly beside: ReactNode }) => (
  <div className="with-beside" {...(beside !== null && { 'data-open': '' })}>
    <div className="stack">{children}</div>
    {beside}
  </div>
)
