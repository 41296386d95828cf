// Every document a policy had, newest first, each to be read and taken away.
// What of them was published is generations.tsx.
import type { Revision } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Beside, WithBeside } from '../../parts/beside.tsx'
import { Button, CopyButton, Trouble } from '../../parts/controls.tsx'
import { Moment } from '../../parts/moment.tsx'
import { type Column, Rows } from '../../parts/rows.tsx'
import { Said, SaidInFull } from '../../parts/said.tsx'
import { saveFile, saveTable } from '../../parts/save-table.ts'
import { allItems } from '../../wire/lists.ts'
import { revisionsQuery } from './query.ts'

const REVISIONS_CSV: CsvTable<Revision> = {
  columns: ['id', 'number', 'status', 'createdAt', 'createdBy', 'repository', 'commit', 'yaml'],
  rowsOf: ({ id, number, status, createdAt, createdBy, source, yaml }) => [
    [id, number, status, createdAt, createdBy, source.repository, source.commit, yaml],
  ],
}

const columnsFor = (onOpen: (revision: Revision) => void): readonly Column<Revision>[] => [
  {
    id: 'number',
    title: 'Revision',
    width: '5.5rem',
    cell: (revision) => (
      <button type="button" className="row-link" tabIndex={-1} onClick={() => onOpen(revision)}>
        {revision.number}
      </button>
    ),
  },
  { id: 'status', title: 'State', width: '6rem', cell: ({ status }) => status },
  { id: 'when', title: 'Saved', width: '8rem', cell: ({ createdAt }) => <Moment at={createdAt} /> },
  {
    id: 'by',
    title: 'By',
    width: 'minmax(6rem, 1fr)',
    isExtra: true,
    cell: ({ createdBy }) => <Said text={createdBy} />,
  },
  {
    id: 'from',
    title: 'From',
    width: 'minmax(6rem, 1fr)',
    isExtra: true,
    cell: ({ source: { repository, commit } }) => (
      <Said text={[repository, commit?.slice(0, 12)].filter((one) => one !== null && one !== undefined).join(' ')} />
    ),
  },
]

export const Revisions = ({ id }: { readonly id: string }) => {
  const [open, setOpen] = useState<Revision | null>(null)
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery(revisionsQuery(id))
  return (
    <>
      <Trouble fault={error} />
      <WithBeside
        onClose={() => setOpen(null)}
        beside={
          open === null ? null : (
            <Beside label="Document" title={`Revision ${open.number}`} onClose={() => setOpen(null)}>
              <div className="wrap">
                <CopyButton text={open.yaml} />
                <Button onPress={() => saveFile(`revision-${open.number}.yaml`, [open.yaml], 'application/yaml')}>
                  Download
                </Button>
              </div>
              <div className="block">
                <SaidInFull text={open.yaml} />
              </div>
            </Beside>
          )
        }
      >
        <Rows
          label="Revisions"
          columns={columnsFor(setOpen)}
          rows={error === null ? data : []}
          idOf={(revision) => revision.id}
          onOpen={setOpen}
          {...(open !== null && { onMove: setOpen, openId: open.id })}
          hasMore={hasNextPage}
          onMore={() => void fetchNextPage()}
          empty={null}
          foot={
            <Button
              tone="quiet"
              onPress={() => void saveTable('revisions', REVISIONS_CSV, allItems('listRevisions', { params: { id } }))}
            >
              CSV
            </Button>
          }
        />
      </WithBeside>
    </>
  )
}
