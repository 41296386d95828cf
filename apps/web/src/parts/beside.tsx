// What is open beside a list: under it where there is little room.
// What it shows is the page's; that it is open stands in the address.
import { type KeyboardEvent, type ReactNode, useRef } from 'react'
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

export interface WithBesideSaid {
  readonly children: ReactNode
  readonly beside: ReactNode
  readonly onClose: () => void
}

/** A list, and what of it is open; Escape closes that from both. */
export const WithBeside = ({ children, beside, onClose }: WithBesideSaid) => {
  const place = useRef<HTMLDivElement>(null)
  const onKeyDown = ({ key }: KeyboardEvent): void => {
    if (key !== 'Escape' || beside === null) return
    onClose()
    // What had the keyboard may be gone now; its row is not.
    requestAnimationFrame(() => place.current?.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus())
  }
  return (
    <div ref={place} className="with-beside" {...(beside !== null && { 'data-open': '' })} onKeyDown={onKeyDown}>
      <div className="stack">{children}</div>
      {beside}
    </div>
  )
}
