// A list that comes in pages, shown as one table or as one JSON document that is written while it comes.
// Asking for the pages is the talk's work.
import type { Listing, Printer } from './print.ts'
import { jsonText } from './text.ts'

/** Pages of items; in the end, whether there would have been more. */
export type Pages<Item> = AsyncGenerator<readonly Item[], boolean, undefined>

interface Sink<Item> {
  take(items: readonly Item[]): Promise<void>
  end(): Promise<void>
}

const jsonSink = <Item>(print: Printer): Sink<Item> => {
  let count = 0
  return {
    async take(items) {
      const lines = items.map((item) => `${count++ === 0 ? '' : ',\n'}${jsonText(item)}`)
      if (count === items.length) lines.unshift('{"items":[\n')
      if (items.length > 0) await print.raw(lines.join(''))
    },
    end: () => print.raw(count === 0 ? '{"items":[]}\n' : '\n]}\n'),
  }
}

const tableSink = <Item>(print: Printer, listing: Listing<Item>): Sink<Item> => {
  const all: Item[] = []
  return {
    async take(items) {
      if (all.length > 0) await print.progress(`${all.length} so far…`)
      all.push(...items)
    },
    async end() {
      await print.progress('')
      await print.table(listing, all)
    },
  }
}

export const showPages = async <Item>(print: Printer, listing: Listing<Item>, pages: Pages<Item>): Promise<void> => {
  const sink = print.isJson ? jsonSink<Item>(print) : tableSink(print, listing)
  let step = await pages.next()
  while (step.done !== true) {
    await sink.take(step.value)
    step = await pages.next()
  }
  await sink.end()
  if (step.value) await print.note('There are more; --limit N or --limit all shows them.')
}
