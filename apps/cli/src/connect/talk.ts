// Talking to the server in the contract's sentences; what it refuses ends the run unless a command wants to know.
// Sockets and encodings are the http edge's.
import { randomUUID } from 'node:crypto'
import { type ReplyOf, type Route, takesIdempotencyKey } from '@muster/contract'
import { type Asked, type Called, type Client, call, type RemoteRefusal } from '@muster/http/client'
import type { Pages } from '../show/list.ts'
import { printable } from '../show/text.ts'
import { stopOf } from '../stop.ts'

export interface Talk {
  /** The reply, or the refusal as a value. */
  ask<R extends Route>(route: R, said: Asked<R>): Promise<Called<ReplyOf<R>>>
  /** The reply; a refusal ends the run. */
  get<R extends Route>(route: R, said: Asked<R>): Promise<ReplyOf<R>>
  readonly client: Client
}

/** What was not found is named, where the command named it. */
const named = (refusal: RemoteRefusal, asked: { readonly params?: object | undefined }): RemoteRefusal => {
  const names = Object.values(asked.params ?? {})
  return refusal.code === 'not_found' && names.length > 0
    ? { ...refusal, detail: `${printable(names.join(', '))}: ${refusal.detail ?? 'there is nothing by that name'}` }
    : refusal
}

export const createTalk = (client: Client): Talk => {
  // A write that bears a key happens once, however often it is sent.
  const ask: Talk['ask'] = (route, said) =>
    call(client, route, takesIdempotencyKey(route) ? { ...said, idempotencyKey: randomUUID() } : said)
  return {
    client,
    ask,
    async get(route, asked) {
      const reply = await ask(route, asked)
      if (reply.ok) return reply.value
      throw stopOf(named(reply.refusal, asked as { readonly params?: object }))
    },
  }
}

const mostPerPage = 200

interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

/** What a page is asked for with: how many, and where the one before it ended. */
export interface PageWish {
  readonly limit: string
  readonly cursor?: string
}

/** Asks for page after page until `most` items came or there are no more. */
export const pagesOf = async function* <Item>(most: number, ask: (wish: PageWish) => Promise<Page<Item>>): Pages<Item> {
  let left = most
  let cursor: string | null = null
  do {
    const limit = String(Math.min(left, mostPerPage))
    const page: Page<Item> = await ask(cursor === null ? { limit } : { limit, cursor })
    yield page.items
    left -= page.items.length
    cursor = page.nextCursor
  } while (cursor !== null && left > 0)
  return cursor !== null
}

/** Every item, for commands that look for something in a list. */
export const allOf = async <Item>(ask: (wish: PageWish) => Promise<Page<Item>>): Promise<readonly Item[]> => {
  const all: Item[] = []
  for await (const items of pagesOf(Infinity, ask)) all.push(...items)
  return all
}
