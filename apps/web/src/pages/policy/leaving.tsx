// What was written and not kept: whoever leaves is asked first, whether by a link, a key, another tab of the page or the
// browser itself. Keeping it is document.tsx.
import { useBlocker } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { Button, Dialog } from '../../parts/controls.tsx'

/** The text that is kept, known at once: what is drawn may be a moment behind. */
export const useKept = (begin: string, text: string) => {
  const latest = useRef(text)
  useEffect(() => {
    latest.current = text
  })
  const kept = useRef(begin)
  return {
    isUnsaved: () => latest.current !== kept.current,
    keep: () => {
      kept.current = latest.current
    },
  }
}

export const Leaving = ({ isUnsaved }: { readonly isUnsaved: () => boolean }) => {
  const leaving = useBlocker({ shouldBlockFn: isUnsaved, enableBeforeUnload: isUnsaved, withResolver: true })
  if (leaving.status !== 'blocked') return null
  return (
    <Dialog title="Leave without saving?" isOpen onClose={leaving.reset}>
      <p>What was changed in the document since it was saved is lost.</p>
      <div className="actions">
        <Button onPress={leaving.reset}>Stay</Button>
        <Button tone="danger" onPress={leaving.proceed}>
          Leave
        </Button>
      </div>
    </Dialog>
  )
}
