// Tables and lists of facts as text: aligned, and cut to the terminal where there is one.
// What goes into a cell is the command's choice; that it is safe to print is seen to here.
import type { Paint, Tone } from './paint.ts'
import { printable } from './text.ts'
import { cutTo, paddingTo, widthOf } from './width.ts'

export interface Toned {
  readonly text: string
  readonly tone: Tone | undefined
}

export type Cell = string | number | null | Toned

export interface Column<Item> {
  readonly title: string
  readonly of: (item: Item) => Cell
  readonly side?: 'left' | 'right'
  /** `whole`: never cut, because it is copied from here, such as ids. `long`: cut only when nothing else can be. */
  readonly keep?: 'whole' | 'long'
}

export interface Canvas {
  readonly paint: Paint
  /** Columns of the terminal; Infinity when the text goes elsewhere. */
  readonly width: number
}

const gap = '  '
const narrowest = 6

const tonedOf = (cell: Cell): Toned => {
  if (cell === null || cell === '') return { text: '-', tone: 'quiet' }
  if (typeof cell !== 'object') return { text: printable(String(cell)), tone: undefined }
  return { text: printable(cell.text), tone: cell.tone }
}

/** Takes up to `excess` off these columns, always off the widest, and answers what could not be taken. */
const shrink = (widths: number[], indexes: readonly number[], excess: number): number => {
  for (let left = excess; left > 0; left--) {
    const widest = indexes.reduce((most, index) => (widths[index]! > widths[most]! ? index : most), indexes[0] ?? -1)
    if (widest === -1 || widths[widest]! <= narrowest) return left
    widths[widest]! -= 1
  }
  return 0
}

/** Natural widths, less what the terminal lacks; what still does not fit runs over. */
const fitWidths = <Item>(columns: readonly Column<Item>[], natural: readonly number[], available: number) => {
  const widths = [...natural]
  const total = widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1)
  const kept = (keep: Column<Item>['keep']) => [...columns.keys()].filter((index) => columns[index]?.keep === keep)
  if (Number.isFinite(available)) shrink(widths, kept('long'), shrink(widths, kept(undefined), total - available))
  return widths
}

export const renderTable = <Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
  { paint, width }: Canvas,
): string => {
  const titles = columns.map(({ title }): Toned => ({ text: title.toUpperCase(), tone: 'strong' }))
  const rows = [titles, ...items.map((item) => columns.map((column) => tonedOf(column.of(item))))]
  const natural = columns.map((_, index) => Math.max(...rows.map((row) => widthOf(row[index]!.text))))
  const widths = fitWidths(columns, natural, width)
  const lines = rows.map((row) =>
    row
      .map(({ text, tone }, index) => {
        const cut = cutTo(text, widths[index]!)
        const padding = paddingTo(widths[index]!, cut)
        return columns[index]!.side === 'right' ? padding + paint(tone, cut) : paint(tone, cut) + padding
      })
      .join(gap)
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** One fact a line: its name, then what it is; facts without a value are left out. */
export const renderFacts = (
  facts: readonly (readonly [name: string, cell: Cell | undefined])[],
  { paint }: Canvas,
): string => {
  const said = facts.filter(
    (fact): fact is readonly [string, Cell] => fact[1] !== undefined && fact[1] !== null && fact[1] !== '',
  )
  const width = Math.max(0, ...said.map(([name]) => name.length))
  return said
    .map(([name, cell]) => {
      const { text, tone } = tonedOf(cell)
      return `${paint('quiet', name)}${paddingTo(width, name)}${gap}${paint(tone, text)}\n`
    })
    .join('')
}
