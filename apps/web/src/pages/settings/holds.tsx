// Legal holds: what is kept whatever its age, since when and why; placed and released here, and on record for ever.
// Whether a hold can be released is the server's to say.
import type { LegalHold } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { Card, Empty } from '../../parts/blocks.tsx'
import { Button, Dialog, Field, Trouble } from '../../parts/controls.tsx'
import { Moment } from '../../parts/moment.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said } from '../../parts/said.tsx'
import { saveTable } from '../../parts/save-table.ts'
import { ask } from '../../wire/ask.ts'
import { allItems } from '../../wire/lists.ts'
import { useMay } from '../../wire/me.ts'
import { holdsQuery } from './query.ts'

const HOLDS_CSV: CsvTable<LegalHold> = {
  columns: ['id', 'scope', 'deviceId', 'reason', 'placedBy', 'placedAt', 'releasedBy', 'releasedAt'],
  rowsOf: (hold) => [
    [hold.id, hold.scope, hold.deviceId, hold.reason, hold.placedBy, hold.placedAt, hold.releasedBy, hold.releasedAt],
  ],
}

const useForgetHolds = () => {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['listLegalHolds'] })
}

const PlaceHold = () => {
  const [reason, setReason] = useState('')
  const [deviceId, setDeviceId] = useState('')
  const forget = useForgetHolds()
  const place = useMutation({
    mutationFn: () =>
      ask('placeLegalHold', {
        body: { reason: reason.trim(), ...(deviceId.trim() !== '' && { deviceId: deviceId.trim() }) },
      }),
    onSuccess: async () => {
      setReason('')
      setDeviceId('')
      await forget()
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    place.mutate()
  }
  return (
    <Card title="New legal hold">
      <form className="stack" onSubmit={submit}>
        <div className="grid">
          <Field label="Reason" value={reason} onChange={setReason} hint="Such as the number of a case" />
          <Field
            label="Id of a device (optional)"
            value={deviceId}
            onChange={setDeviceId}
            hint="Without it, everything of every device is kept"
          />
        </div>
        <Trouble fault={place.error} />
        <div className="actions">
          <Button type="submit" tone="main" isDisabled={reason.trim() === '' || place.isPending}>
            Place
          </Button>
        </div>
      </form>
    </Card>
  )
}

const ReleaseDialog = ({ hold, onClose }: { readonly hold: LegalHold; readonly onClose: () => void }) => {
  const forget = useForgetHolds()
  const release = useMutation({
    mutationFn: () => ask('releaseLegalHold', { params: { id: hold.id } }),
    onSuccess: async () => {
      await forget()
      onClose()
    },
  })
  return (
    <Dialog title="Release this hold?" isOpen onClose={onClose}>
      <p>
        What only this hold kept is deleted when its time has come, which may be today: <Said text={hold.reason} />
      </p>
      <Trouble fault={release.error} />
      <div className="actions">
        <Button onPress={onClose}>Cancel</Button>
        <Button tone="danger" isDisabled={release.isPending} onPress={() => release.mutate()}>
          Release
        </Button>
      </div>
    </Dialog>
  )
}

const columns: readonly Column<LegalHold>[] = [
  { id: 'reason', title: 'Reason', width: 'minmax(8rem, 2fr)', cell: ({ reason }) => <Said text={reason} /> },
  {
    id: 'scope',
    title: 'Keeps',
    width: 'minmax(7rem, 1fr)',
    cell: ({ deviceId }) =>
      deviceId === null ? (
        'everything'
      ) : (
        <Link to="/devices/$id" params={{ id: deviceId }} tabIndex={-1}>
          {deviceId}
        </Link>
      ),
  },
  { id: 'since', title: 'Placed', width: '8rem', isExtra: true, cell: ({ placedAt }) => <Moment at={placedAt} /> },
  {
    id: 'by',
    title: 'By',
    width: 'minmax(6rem, 1fr)',
    isExtra: true,
    cell: ({ placedBy }) => <Said text={placedBy} />,
  },
]

export const Holds = () => {
  const may = useMay()
  const [releasing, setReleasing] = useState<LegalHold | null>(null)
  const { data: holds, error, hasNextPage, fetchNextPage } = useInfiniteQuery(holdsQuery)
  const state: Column<LegalHold> = {
    id: 'state',
    title: 'Released',
    width: '8rem',
    cell: (hold) => {
      if (hold.releasedAt !== null) return <Moment at={hold.releasedAt} />
      if (!may('settings:write')) return 'in force'
      return (
        <Button tone="quiet" label={`Release ${hold.id}`} onPress={() => setReleasing(hold)}>
          Release
        </Button>
      )
    },
  }
  return (
    <>
      {may('settings:write') && <PlaceHold />}
      <Trouble fault={error} />
      <Rows
        label="Legal holds"
        columns={[...columns, state]}
        rows={error === null ? holds : []}
        idOf={({ id }) => id}
        hasMore={hasNextPage}
        onMore={() => void fetchNextPage()}
        empty={
          <Empty title="Nothing is held">
            <p>A hold keeps what would otherwise be deleted when its time has come.</p>
          </Empty>
        }
        foot={
          <Button
            tone="quiet"
            onPress={() =>
              void saveTable('legal-holds', HOLDS_CSV, allItems('listLegalHolds', { query: { state: 'all' } }))
            }
          >
            CSV
          </Button>
        }
      />
      {releasing !== null && <ReleaseDialog hold={releasing} onClose={() => setReleasing(null)} />}
    </>
  )
}
