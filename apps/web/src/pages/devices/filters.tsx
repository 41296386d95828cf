// What narrows the list of devices down: a name while it is typed, choices, and words of the address that nothing else shows.
// What they mean is decide.ts.
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { Button, Choice } from '../../parts/controls.tsx'
import { plainText } from '../../parts/decide-text.ts'
import { pairs } from '../../parts/decide-words.ts'
import { SavedViews } from '../../parts/saved-views.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { groupsQuery } from '../../wire/groups.ts'
import { coverages, deviceStatuses, livenesses, policyStatuses } from '../../wire/routes.built.ts'
import { type DevicesView, readDevicesView } from './decide.ts'

export interface FiltersSaid {
  readonly view: DevicesView
  readonly onChange: (change: object) => void
}

const typingMs = 200

/** Asked for a moment after the last key; what the address says instead counts once nobody is typing. */
const NameField = ({ view, onChange }: FiltersSaid) => {
  const [name, setName] = useState(view.name ?? '')
  const typing = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const latest = useRef(onChange)
  useEffect(() => {
    latest.current = onChange
  })
  useEffect(() => {
    if (typing.current === undefined) setName(view.name ?? '')
  }, [view.name])
  useEffect(() => () => clearTimeout(typing.current), [])
  const type = (text: string): void => {
    setName(text)
    clearTimeout(typing.current)
    typing.current = setTimeout(() => {
      typing.current = undefined
      latest.current({ name: text })
    }, typingMs)
  }
  return <SearchField label="Name contains" hint="Name contains…" value={name} onChange={type} />
}

const Group = ({ view, onChange }: FiltersSaid) => {
  const { data: groups = [] } = useQuery(groupsQuery)
  // A group of an old address may be gone; it still says why the list is short.
  const names = [...new Set([...groups.map(({ name }) => name), ...(view.group === undefined ? [] : [view.group])])]
  if (names.length === 0) return null
  return (
    <Choice
      label="Group"
      none="Any group"
      value={view.group ?? ''}
      options={names.map((name) => [name, plainText(name)] as const)}
      onChange={(group) => onChange({ group })}
    />
  )
}

export const Filters = ({ view, onChange }: FiltersSaid) => {
  const navigate = useNavigate()
  return (
    <search className="wrap">
      <NameField view={view} onChange={onChange} />
      <Choice
        label="Liveness"
        none="Any liveness"
        value={view.liveness ?? ''}
        options={pairs(livenesses)}
        onChange={(liveness) => onChange({ liveness })}
      />
      <Choice
        label="Status"
        none="Active, revoked"
        value={view.status ?? ''}
        options={pairs(deviceStatuses)}
        onChange={(status) => onChange({ status })}
      />
      <Choice
        label="Policy"
        none="Any policy state"
        value={view.policyStatus ?? ''}
        options={pairs(policyStatuses)}
        onChange={(policyStatus) => onChange({ policyStatus })}
      />
      <Choice
        label="Coverage"
        none="Any coverage"
        value={view.coverage ?? ''}
        options={pairs(coverages)}
        onChange={(coverage) => onChange({ coverage })}
      />
      <Group view={view} onChange={onChange} />
      {(['tag', 'enrollmentTokenId', 'goneDark'] as const).map(
        (key) =>
          view[key] !== undefined && (
            <Button key={key} tone="quiet" icon="cross" onPress={() => onChange({ [key]: undefined })}>
              {key === 'goneDark' ? 'gone dark' : `${key === 'enrollmentTokenId' ? 'token' : key}: ${view[key]}`}
            </Button>
          ),
      )}
      <SavedViews
        page="devices"
        view={{ ...view }}
        onChoose={(words) => void navigate({ to: '/devices', search: readDevicesView(words) })}
      />
    </search>
  )
}
