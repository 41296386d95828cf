// What stands around every page: the places, who is signed in, and the keys that work everywhere.
// Which page is shown is routes.tsx.
import { useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import mark from '../look/mark.svg'
import { Button } from '../parts/controls.tsx'
import { Icon } from '../parts/icon.tsx'
import { Said } from '../parts/said.tsx'
import { searchFieldId } from '../parts/search-field.tsx'
import { switchTheme, useTheme } from '../parts/theme.ts'
import { ask } from '../wire/ask.ts'
import { useMay, useMe } from '../wire/me.ts'
import { useKeys } from './keys.ts'
import { KeysHelp } from './keys-help.tsx'
import { places } from './places.ts'

const Places = () => {
  const may = useMay()
  return (
    <nav className="places" aria-label="Places">
      {places
        .filter((place) => may(place.may))
        .map(({ path, name, icon }) => (
          <Link key={path} to={path} className="place" activeOptions={{ exact: path === '/', includeSearch: false }}>
            <Icon name={icon} />
            {name}
          </Link>
        ))}
    </nav>
  )
}

const SideFoot = ({ onKeys }: { readonly onKeys: () => void }) => {
  const me = useMe()
  const theme = useTheme()
  const client = useQueryClient()
  const leave = async (): Promise<void> => {
    await ask('signOut')
    client.clear()
    location.assign('/')
  }
  return (
    <div className="side-foot">
      {me !== undefined && (
        <div className="whoami">
          <strong>
            <Said text={me.name} />
          </strong>
          <span className="faint small">
            {me.role} · <Said text={me.tenantId} />
          </span>
        </div>
      )}
      <div className="side-row">
        <Button
          tone="quiet"
          icon={theme === 'dark' ? 'sun' : 'moon'}
          label={theme === 'dark' ? 'Light colours' : 'Dark colours'}
          onPress={switchTheme}
        />
        <Button tone="quiet" icon="keys" label="Keys" onPress={onKeys} />
        {me !== undefined && me.session !== null && (
          <Button tone="quiet" icon="leave" label="Sign out" onPress={() => void leave()} />
        )}
      </div>
    </div>
  )
}

export const Frame = () => {
  const [isMenuOpen, setMenuOpen] = useState(false)
  const [isHelpOpen, setHelpOpen] = useState(false)
  const navigate = useNavigate()
  const path = useRouterState({ select: ({ location: { pathname } }) => pathname })
  const page = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  useEffect(() => {
    // Whoever goes somewhere by key or link reads on there, unless something there asked for the keyboard itself.
    if (!isFirst.current && page.current?.contains(document.activeElement) === false)
      page.current.focus({ preventScroll: true })
    isFirst.current = false
    setMenuOpen(false)
  }, [path])
  const may = useMay()
  /** Where there is nothing to search, the fleet is. */
  const search = (): void => {
    const field = document.getElementById(searchFieldId)
    const to = may('inventory:search') ? '/search' : '/devices'
    if (field === null) void navigate({ to, state: { isSearching: true } })
    else field.focus()
  }
  useKeys((wish) => {
    if (wish.kind === 'help') setHelpOpen(true)
    else if (wish.kind === 'go') void navigate({ to: wish.path })
    else search()
  })
  return (
    <div className="frame">
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <header className="side" {...(isMenuOpen && { 'data-open': '' })}>
        <Link to="/" className="brand">
          <img src={mark} alt="" />
          Muster
        </Link>
        <div className="menu-button">
          <Button tone="quiet" icon="menu" label="Places" onPress={() => setMenuOpen(!isMenuOpen)} />
        </div>
        <Places />
        <SideFoot onKeys={() => setHelpOpen(true)} />
      </header>
      <main className="page" id="page" ref={page} tabIndex={-1} key={path}>
        <Outlet />
      </main>
      <KeysHelp path={path} isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  )
}
