// What a search asks: an answer page after page, and the whole of it as a table to take away.
// Which question an address is, is decide.ts.
import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { saveFile, tableName } from '../../parts/save-table.ts'
import { ask, askRaw } from '../../wire/ask.ts'
import { bodyOf, isWindow, type SearchView } from './decide.ts'

const pageItems = 100

interface Next {
  readonly cursor: string
  /** Where the window of the first page ended, so that all pages answer one question. */
  readonly now: string
}

export const searchQuery = ({ device: _open, ...view }: SearchView) =>
  infiniteQueryOptions({
    queryKey: ['searchInventory', view],
    queryFn: ({ pageParam, signal }) => {
      const body = bodyOf(view, pageParam?.now ?? new Date().toISOString())
      const cursor = pageParam === null ? {} : { cursor: pageParam.cursor }
      return ask('searchInventory', { body: { ...body, limit: pageItems, ...cursor }, signal })
    },
    initialPageParam: null as Next | null,
    getNextPageParam: ({ nextCursor, window }): Next | null =>
      nextCursor === null ? null : { cursor: nextCursor, now: window.to },
    enabled: view.q !== undefined && isWindow(view),
    placeholderData: keepPreviousData,
  })

/** Every device with its verdict, also those that could not say; the server records that it was taken. */
export const saveAnswer = async (view: SearchView): Promise<void> => {
  const reply = await askRaw('exportInventory', {
    query: { format: 'csv' },
    body: bodyOf(view, new Date().toISOString()),
  })
  saveFile(tableName('search'), [await reply.blob()], 'text/csv;charset=utf-8')
}
