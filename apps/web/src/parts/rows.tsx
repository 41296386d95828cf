// A long list: only the rows in view are drawn, more are asked for before they are needed, and keys move through it.
// Which columns there are, in which order the server lists, and what opening a row means is the page's.
import { type ColumnDef, type RowData, tableFeatures, useTable } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { Skeleton } from './blocks.tsx'
import { movedTo } from './decide-rows.ts'
import { Icon } from './icon.tsx'
import { useIsNarrow } from './narrow.ts'

export interface Column<Row> {
  readonly id: string
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** As a track of a CSS grid, such as `minmax(10rem, 2fr)`. */
  readonly width: string
  readonly isNumber?: boolean
  /** Left out where there is little room. */
  readonly isExtra?: boolean
  /** Left out, too, while a row is open beside the list. */
  readonly isSpare?: boolean
  /** The server can list in this order. */
  readonly sorts?: boolean
}

export interface Sorting {
  readonly column: string
  readonly isDescending: boolean
}

export interface RowsSaid<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[] | undefined
  readonly idOf: (row: Row) => string
  readonly onOpen?: (row: Row) => void
  /** Whenever a key moved to another row. */
  readonly onMove?: (row: Row) => void
  /** The id of the row that is open beside the list. */
  readonly openId?: string | undefined
  readonly sorting?: Sorting | undefined
  readonly onSort?: (sorting: Sorting) => void
  /** Ids; with it rows can be chosen. */
  readonly chosen?: ReadonlySet<string>
  readonly onChoose?: (ids: ReadonlySet<string>) => void
  readonly hasMore?: boolean
  readonly onMore?: () => void
  /** When there are no rows. */
  readonly empty: ReactNode
  readonly foot?: ReactNode
}

const features = tableFeatures({})
const skeletonRows = 12
const rowRem = 2.25
const soonRows = 30

const rowPixels = (): number => rowRem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)

const SortHead = <Row extends RowData>({
  column,
  said,
}: {
  readonly column: Column<Row>
  readonly said: RowsSaid<Row>
}) => {
  const { sorting, onSort } = said
  if (column.sorts !== true || onSort === undefined) return column.title
  const isSorted = sorting?.column === column.id
  const isDescending = isSorted && sorting.isDescending
  return (
    <button type="button" onClick={() => onSort({ column: column.id, isDescending: isSorted && !isDescending })}>
      {column.title}
      {isSorted && <Icon name={isDescending ? 'down' : 'up'} size={12} />}
    </button>
  )
}

const ariaSort = <Row extends RowData>(
  { id }: Column<Row>,
  sorting: Sorting | undefined,
): 'ascending' | 'descending' | undefined => {
  if (sorting?.column !== id) return undefined
  return sorting.isDescending ? 'descending' : 'ascending'
}

const ChooseBox = ({ label, isChosen, onChange }: { label: string; isChosen: boolean; onChange: () => void }) => (
  <input type="checkbox" tabIndex={-1} aria-label={label} checked={isChosen} onChange={onChange} />
)

const toggled = (ids: ReadonlySet<string>, id: string): ReadonlySet<string> =>
  ids.has(id) ? ids.difference(new Set([id])) : ids.union(new Set([id]))

const Waiting = ({ columns, style }: { readonly columns: number; readonly style: CSSProperties }) => (
  <div aria-busy="true">
    <span className="unseen" role="status">
      Loading
    </span>
    {Array.from({ length: skeletonRows }, (_row, at) => (
      <div key={at} className="rows-row" style={{ ...style, position: 'static' }} aria-hidden="true">
        {Array.from({ length: columns }, (_cell, cell) => (
          <span key={cell} className="rows-cell">
            <Skeleton letters={6 + ((at * 5 + cell * 3) % 12)} />
          </span>
        ))}
      </div>
    ))}
  </div>
)

/** Tracks of the grid that head and rows share. */
const tracksOf = <Row extends RowData>(columns: readonly Column<Row>[], hasChoice: boolean): CSSProperties => ({
  gridTemplateColumns: `${hasChoice ? '1.25rem ' : ''}${columns.map(({ width }) => width).join(' ')}`,
})

export const Rows = <Row extends RowData>(said: RowsSaid<Row>) => {
  const { label, rows, empty, foot, hasMore = false } = said
  const isNarrow = useIsNarrow()
  const hasOpen = said.openId !== undefined
  const columns = useMemo(
    () =>
      said.columns.filter(({ isExtra, isSpare }) => !(isNarrow && isExtra === true) && !(hasOpen && isSpare === true)),
    [said.columns, isNarrow, hasOpen],
  )
  const hasChoice = said.onChoose !== undefined
  const style = tracksOf(columns, hasChoice)
  if (rows !== undefined && rows.length === 0 && !hasMore) return <div className="rows">{empty}</div>
  return (
    <div className="rows">
      {rows === undefined ? (
        <div className="rows-scroll">
          <Waiting columns={columns.length + (hasChoice ? 1 : 0)} style={style} />
        </div>
      ) : (
        <Drawn said={said} rows={rows} columns={columns} style={style} label={label} />
      )}
      {foot !== undefined && <div className="rows-foot">{foot}</div>}
    </div>
  )
}

interface DrawnSaid<Row extends RowData> {
  readonly said: RowsSaid<Row>
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  readonly style: CSSProperties
  readonly label: string
}

const RowsHead = <Row extends RowData>({ said, rows, columns, style }: Omit<DrawnSaid<Row>, 'label'>) => {
  const { chosen, onChoose, idOf } = said
  const isAllChosen = rows.length > 0 && rows.every((row) => chosen?.has(idOf(row)) === true)
  return (
    <div role="rowgroup">
      <div className="rows-head" role="row" aria-rowindex={1} style={style}>
        {onChoose !== undefined && (
          <span role="columnheader">
            <ChooseBox
              label="Choose all that are loaded"
              isChosen={isAllChosen}
              onChange={() => onChoose(isAllChosen ? new Set() : new Set(rows.map(idOf)))}
            />
          </span>
        )}
        {columns.map((column) => (
          <span
            key={column.id}
            role="columnheader"
            aria-sort={ariaSort(column, said.sorting)}
            className={column.isNumber === true ? 'rows-cell end' : 'rows-cell'}
          >
            <SortHead column={column} said={said} />
          </span>
        ))}
      </div>
    </div>
  )
}

const Drawn = <Row extends RowData>({ said, rows, columns, style, label }: DrawnSaid<Row>) => {
  const { chosen, onChoose, onOpen, idOf, hasMore = false, onMore } = said
  const scroll = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState(0)
  const defs = useMemo(
    () =>
      columns.map(
        (column): ColumnDef<typeof features, Row> => ({
          id: column.id,
          header: column.title,
          cell: ({ row }) => column.cell(row.original),
        }),
      ),
    [columns],
  )
  const table = useTable({ features, columns: defs, data: rows, getRowId: idOf })
  const drawn = table.getRowModel().rows
  const virtual = useVirtualizer({
    count: drawn.length,
    getScrollElement: () => scroll.current,
    estimateSize: rowPixels,
    overscan: 12,
    // The head lies over the first row; what is scrolled to must not end under it.
    scrollPaddingStart: 32,
  })
  const items = virtual.getVirtualItems()
  const lastAt = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && lastAt >= rows.length - soonRows) onMore?.()
  }, [hasMore, lastAt, rows.length, onMore])

  const focusRow = (index: number): void => {
    setAt(index)
    virtual.scrollToIndex(index)
    const row = rows[index]
    if (row !== undefined) said.onMove?.(row)
    requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-at="${index}"]`)?.focus())
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[at]
    const next = movedTo(event.key, at, rows.length)
    if (event.target instanceof HTMLInputElement || row === undefined) return
    // What can be pressed inside the list is pressed, and opens no row.
    const isPressed = event.target instanceof Element && event.target.closest('a, button') !== null
    if (isPressed && (event.key === 'Enter' || event.key === ' ')) return
    if (next !== null) focusRow(next)
    else if (event.key === 'Enter') onOpen?.(row)
    else if (event.key === 'x' || event.key === ' ') onChoose?.(toggled(chosen ?? new Set(), idOf(row)))
    else return
    event.preventDefault()
  }
  return (
    <div
      className="rows-scroll"
      ref={scroll}
      role="grid"
      aria-label={label}
      aria-rowcount={hasMore ? -1 : rows.length + 1}
      aria-multiselectable={onChoose !== undefined}
      onKeyDown={onKeyDown}
      {...(rows.length < skeletonRows && { 'data-short': '' })}
    >
      <RowsHead said={said} rows={rows} columns={columns} style={style} />
      <div role="rowgroup" className="rows-space" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = drawn[item.index]
          if (row === undefined) return null
          return (
            <div
              key={row.id}
              role="row"
              className="rows-row cut"
              style={{ ...style, transform: `translateY(${item.start}px)` }}
              data-at={item.index}
              aria-rowindex={item.index + 2}
              aria-selected={chosen?.has(row.id)}
              aria-current={said.openId === row.id ? 'true' : undefined}
              tabIndex={item.index === at ? 0 : -1}
              onFocus={() => setAt(item.index)}
              onDoubleClick={() => onOpen?.(row.original)}
            >
              {onChoose !== undefined && (
                <span role="gridcell">
                  <ChooseBox
                    label="Choose"
                    isChosen={chosen?.has(row.id) ?? false}
                    onChange={() => onChoose(toggled(chosen ?? new Set(), row.id))}
                  />
                </span>
              )}
              {row.getAllCells().map((cell, index) => (
                <span
                  key={cell.id}
                  role="gridcell"
                  className={columns[index]?.isNumber === true ? 'rows-cell end' : 'rows-cell'}
                >
                  <table.FlexRender cell={cell} />
                </span>
              ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}
