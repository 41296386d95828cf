// What a chart shows as a table, for whoever opens it; nothing of it is drawn before.
// Which columns it has is the page's.
import { type ReactNode, useState } from 'react'

export const AsTable = ({ children }: { readonly children: ReactNode }) => {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>The same as a table</summary>
      {isOpen && children}
    </details>
  )
}
