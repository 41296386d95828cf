// Where a command's words go: data to standard output, talk to standard error, one JSON document or text for people.
// Which items and columns there are is the command's business.
import type { World } from '../world.ts'
import { createPaint, type Paint, type Tone, wantsColour } from './paint.ts'
import { type Canvas, type Cell, type Column, renderFacts, renderTable } from './table.ts'
import { escapeJson, jsonText, printable } from './text.ts'
import { momentText } from './time.ts'

export interface Listing<Item> {
  readonly columns: readonly Column<Item>[]
  /** Said instead of an empty table; names the next step where there is one. */
  readonly empty: string
}

export type Fact = readonly [name: string, cell: Cell | undefined]

export interface Printer {
  readonly isJson: boolean
  /** A value as one JSON document. */
  json(value: unknown): Promise<void>
  /** Text that is JSON already, as it is but for what a terminal might obey. */
  rawJson(text: string): Promise<void>
  /** Bytes of somebody else's making, for files and pipes. */
  raw(text: string): Promise<void>
  /** One line for people. */
  line(text: string, tone?: Tone): Promise<void>
  table<Item>(listing: Listing<Item>, items: readonly Item[]): Promise<void>
  facts(facts: readonly Fact[]): Promise<void>
  /** Talk: never part of the data. */
  note(text: string, tone?: Tone): Promise<void>
  /** A line on the terminal that the next one replaces; nothing where there is no terminal. An empty text takes it away. */
  progress(text: string): Promise<void>
  /** A moment with its distance from now. */
  moment(time: string | null): string
}

export interface PrintFlags {
  readonly json?: boolean | undefined
  readonly color?: boolean | undefined
}

const eraseLine = '\r\u001b[K'

const createTalk = ({ env, err }: World, mayColour: boolean) => {
  const paint = createPaint(mayColour && wantsColour(env, err.isTerminal))
  let isBusy = false
  return {
    async note(text: string, tone?: Tone): Promise<void> {
      await err.write(`${isBusy ? eraseLine : ''}${paint(tone, printable(text))}\n`)
      isBusy = false
    },
    async progress(text: string): Promise<void> {
      if (!err.isTerminal || (text === '' && !isBusy)) return
      await err.write(eraseLine + printable(text))
      isBusy = text !== ''
    },
  }
}

const createPage = ({ env, out }: World, mayColour: boolean): Canvas & { paint: Paint } => ({
  paint: createPaint(mayColour && wantsColour(env, out.isTerminal)),
  width: out.isTerminal ? (out.columns ?? 80) : Infinity,
})

export const createPrinter = (world: World, flags: PrintFlags): Printer => {
  const { out, clock } = world
  const isJson = flags.json === true
  const canvas = createPage(world, flags.color !== false)
  const talk = createTalk(world, flags.color !== false)
  return {
    isJson,
    ...talk,
    json: (value) => out.write(`${jsonText(value, out.isTerminal ? 2 : undefined)}\n`),
    rawJson: (text) => out.write(escapeJson(text)),
    raw: (text) => out.write(text),
    line: (text, tone) => out.write(`${canvas.paint(tone, printable(text))}\n`),
    table: ({ columns, empty }, items) =>
      items.length === 0 ? talk.note(empty) : out.write(renderTable(columns, items, canvas)),
    facts: (facts) => out.write(renderFacts(facts, canvas)),
    moment: (time) => momentText(time, clock.nowMs()),
  }
}
