// Listens for the keys of the whole dashboard.
// What they mean is decide-keys.ts; the dialog that names them is keys-help.tsx.
import { useEffect, useRef } from 'react'
import { type Wish, wishOf } from './decide-keys.ts'
import { places } from './places.ts'

const prefixMs = 1500

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName)) &&
  (target as HTMLInputElement).type !== 'checkbox'

export const useKeys = (onWish: (wish: Exclude<Wish, { kind: 'prefix' }>) => void): void => {
  const prefixAtMs = useRef(Number.NEGATIVE_INFINITY)
  const latest = useRef(onWish)
  useEffect(() => {
    latest.current = onWish
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.key === 'Shift') return
      const isAfterPrefix = performance.now() - prefixAtMs.current < prefixMs
      prefixAtMs.current = Number.NEGATIVE_INFINITY
      const hasModifier = event.ctrlKey || event.metaKey || event.altKey
      // While a dialog is open, the page behind it does not listen.
      const isWriting = isField(event.composedPath()[0] ?? null) || document.querySelector('[role=dialog]') !== null
      const wish = wishOf({ key: event.key, isAfterPrefix, isWriting, hasModifier }, places)
      if (wish === null) return
      event.preventDefault()
      if (wish.kind === 'prefix') prefixAtMs.current = performance.now()
      else latest.current(wish)
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])
}
