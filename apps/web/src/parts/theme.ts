// Light or dark: as the system has it, or as was chosen here and is remembered in this browser.
// What the colours are is look/tokens.css.
import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark'

const key = 'muster.theme'
const listeners = new Set<() => void>()
const system = globalThis.matchMedia('(prefers-color-scheme: dark)')

const chosen = (): Theme | null => {
  try {
    const said = localStorage.getItem(key)
    return said === 'light' || said === 'dark' ? said : null
  } catch {
    return null // a browser that keeps nothing
  }
}

const themeNow = (): Theme => chosen() ?? (system.matches ? 'dark' : 'light')

/** Before anything is drawn. */
export const applyTheme = (): void => {
  const said = chosen()
  if (said !== null) document.documentElement.dataset['theme'] = said
}

export const switchTheme = (): void => {
  const next = themeNow() === 'dark' ? 'light' : 'dark'
  try {
    localStorage.setItem(key, next)
  } catch {
    // It holds for this page.
  }
  document.documentElement.dataset['theme'] = next
  for (const tell of listeners) tell()
}

const subscribe = (tell: () => void): (() => void) => {
  listeners.add(tell)
  system.addEventListener('change', tell)
  return () => {
    listeners.delete(tell)
    system.removeEventListener('change', tell)
  }
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, themeNow)
