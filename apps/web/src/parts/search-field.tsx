// The field a page is searched with; `/` leads to it, and from a page without one to a page that has one.
// What is searched, and when, is the page's.
import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** Whoever comes here wants to write into the search field. */
    isSearching?: true
  }
}

/** The page's own search field, when it has one. */
export const searchFieldId = 'search-field'

export interface SearchFieldSaid {
  readonly label: string
  readonly hint: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** As wide as there is room. */
  readonly isWide?: boolean
  /** Beside the one that `/` leads to. */
  readonly isFurther?: boolean
}

export const SearchField = ({ label, hint, value, onChange, isWide, isFurther = false }: SearchFieldSaid) => {
  const field = useRef<HTMLInputElement>(null)
  const isWanted = useRouterState({ select: ({ location }) => location.state.isSearching === true }) && !isFurther
  useEffect(() => {
    if (isWanted) field.current?.focus()
  }, [isWanted])
  return (
    <input
      ref={field}
      className="input search-field"
      type="search"
      placeholder={isFurther ? hint : `${hint} ( / )`}
      aria-label={label}
      value={value}
      onChange={({ target }) => onChange(target.value)}
      {...(!isFurther && { id: searchFieldId })}
      {...(isWide === true && { 'data-wide': '' })}
      {...(isFurther && { 'data-further': '' })}
    />
  )
}
