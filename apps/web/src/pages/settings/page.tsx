// Settings: who may speak to the API, how long data is kept, when a device counts as silent, and what crosses the wire.
// Each part is a file of its own behind a tab that has an address.
import { Link, useSearch } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { PageHead } from '../../parts/blocks.tsx'
import { useMay } from '../../wire/me.ts'
import { type Tab, tabsFor, tabWords } from './decide.ts'
import { Groups } from './groups.tsx'
import { Holds } from './holds.tsx'
import { Liveness } from './liveness.tsx'
import { RetentionTerms } from './retention.tsx'
import { Roles } from './roles.tsx'
import { Tokens } from './tokens.tsx'
import { WhatCrosses } from './wire.tsx'

const parts: Readonly<Record<Tab, ComponentType>> = {
  tokens: Tokens,
  roles: Roles,
  groups: Groups,
  retention: RetentionTerms,
  holds: Holds,
  liveness: Liveness,
  wire: WhatCrosses,
}

export const SettingsPage = () => {
  const view = useSearch({ from: '/settings' })
  const offered = tabsFor(useMay())
  const tab = offered.find((one) => one === view.tab) ?? offered[0] ?? 'wire'
  const Part = parts[tab]
  return (
    <>
      <PageHead title="Settings" />
      <nav className="tabs" aria-label="Parts of the settings">
        {offered.map((one) => (
          <Link
            key={one}
            to="/settings"
            search={one === offered[0] ? {} : { tab: one }}
            className="tab"
            activeOptions={{ exact: true, includeSearch: true }}
          >
            {tabWords[one]}
          </Link>
        ))}
      </nav>
      <Part />
    </>
  )
}
