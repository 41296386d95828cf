// Lists of the API page by page, as one growing list, and as a table to take away.
// Which list, and with which filter, is each page's query.ts.
import { infiniteQueryOptions } from '@tanstack/react-query'
import { type AnswerTo, type Asked, ask, type ItemOf } from './ask.ts'
import type { RouteName } from './routes.built.ts'

/** Routes that answer a page of items and a cursor. */
export type ListName = {
  [Name in RouteName]: AnswerTo<Name> extends { items: readonly unknown[]; nextCursor: string | null } ? Name : never
}[RouteName]

interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

const pageItems = 100
const exportItems = 200

const askPage = async <Name extends ListName>(
  name: Name,
  asked: Asked<Name>,
  cursor: string | null,
  limit: number,
): Promise<Page<ItemOf<Name>>> => {
  const query = { ...(asked.query as object | undefined), limit: String(limit), ...(cursor !== null && { cursor }) }
  return (await ask(name, { ...asked, query } as Asked<Name>)) as unknown as Page<ItemOf<Name>>
}

export const listQuery = <Name extends ListName>(name: Name, asked: Asked<Name> = {}) =>
  infiniteQueryOptions({
    queryKey: [name, asked.params ?? null, asked.query ?? null],
    queryFn: ({ pageParam, signal }) => askPage(name, { ...asked, signal }, pageParam, pageItems),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page<ItemOf<Name>>) => last.nextCursor,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  })

/** Every item of a list, page after page. */
export async function* allItems<Name extends ListName>(
  name: Name,
  asked: Asked<Name> = {},
): AsyncGenerator<readonly ItemOf<Name>[]> {
  let cursor: string | null = null
  do {
    const page: Page<ItemOf<Name>> = await askPage(name, asked, cursor, exportItems)
    yield page.items
    cursor = page.nextCursor
  } while (cursor !== null)
}
