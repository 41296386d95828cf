// Routes and operators for the tests of the API: small, but one of each kind.
// Nothing here is a route of the product.
import { declare } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'
import { z } from 'zod'
import { type Said, type Served, serve } from '../serve.ts'
import type { RememberedReply, ReplyMemory } from './idempotency.ts'

export interface Operator {
  readonly name: string
  readonly capabilities: readonly string[]
}

export const operators: Readonly<Record<string, Operator>> = {
  'Bearer all': { name: 'ann', capabilities: ['fleet:read', 'devices:write', 'audit:read'] },
  'Bearer read': { name: 'rob', capabilities: ['fleet:read'] },
}

/** What a database that is away throws here. */
export class Busy extends Error {}

const prefix = '/api/test/v1'

export const listThings = declare({
  method: 'GET',
  path: `${prefix}/things`,
  summary: 'Lists.',
  speaker: 'operator',
  may: 'fleet:read',
  query: z.strictObject({ limit: z.string().regex(/^\d+$/).optional(), name: z.string().optional() }),
  reply: z.strictObject({ items: z.array(z.string()), by: z.string() }),
  refusals: [],
})

export const readThing = declare({
  method: 'GET',
  path: `${prefix}/things/{id}`,
  summary: 'Reads.',
  speaker: 'operator',
  may: 'fleet:read',
  params: z.strictObject({ id: z.string().max(20) }),
  reply: z.strictObject({ id: z.string(), version: z.int() }),
  refusals: ['not_found'],
})

export const changeThing = declare({
  method: 'PATCH',
  path: `${prefix}/things/{id}`,
  summary: 'Changes.',
  speaker: 'operator',
  may: 'devices:write',
  params: z.strictObject({ id: z.string() }),
  body: z.strictObject({ name: z.string() }),
  reply: z.strictObject({ id: z.string(), version: z.int() }),
  precondition: 'if-match',
  refusals: ['version_missing', 'version_stale'],
})

export const pushThing = declare({
  method: 'POST',
  path: `${prefix}/things/{id}:push`,
  summary: 'Acts.',
  speaker: 'operator',
  may: 'devices:write',
  params: z.strictObject({ id: z.string() }),
  body: z.strictObject({ times: z.int() }),
  reply: z.strictObject({ id: z.string(), pushes: z.int() }),
  status: 201,
  refusals: ['state_conflict'],
  limits: { bodyBytes: 1000 },
})

export const exportThings = declare({
  method: 'GET',
  path: `${prefix}/things:export`,
  summary: 'Streams.',
  speaker: 'operator',
  may: 'audit:read',
  query: z.strictObject({
    count: z.string(),
    breakAt: z.string().optional(),
    format: z.enum(['ndjson', 'csv']).optional(),
  }),
  reply: z.strictObject({ at: z.int() }),
  replyForm: 'ndjson',
  csv: { columns: ['at', 'name'], rowsOf: ({ at }) => (at === 1 ? [] : [[at, `=${at}`]]) },
  refusals: [],
})

export const greet = declare({
  method: 'GET',
  path: `${prefix}/hello`,
  summary: 'Greets anyone.',
  speaker: 'anyone',
  reply: z.strictObject({ hello: z.string() }),
  refusals: [],
})

async function* counting(count: number, breakAt: number): AsyncGenerator<{ at: number }> {
  for (let at = 0; at < count; at += 1) {
    if (at === breakAt) throw new Error('the source ran dry')
    yield { at }
  }
}

/** Handlers, and what they saw. */
export const createThings = (): { served: readonly Served<Operator>[]; pushes: () => number } => {
  let pushes = 0
  const served = [
    serve(listThings, (said: Said<typeof listThings, Operator>) => {
      if (said.query.name === 'fault') throw new Error('handler broke', { cause: new Error('the secret cause') })
      if (said.query.name === 'busy') throw new Busy()
      if (said.query.name === 'wrong') return ok({ items: [1], by: said.speaker.name } as never)
      return ok({ items: [said.query.name ?? 'all'], by: said.speaker.name })
    }),
    serve(readThing, (said: Said<typeof readThing, Operator>) =>
      said.params.id === 'none' ? refuse('not_found') : ok({ id: said.params.id, version: 3 }),
    ),
    serve(changeThing, async (said: Said<typeof changeThing, Operator>) =>
      said.ifMatch === '3' ? ok({ id: said.params.id, version: 4 }) : refuse('version_stale'),
    ),
    serve(
      pushThing,
      async (
        said: Said<typeof pushThing, Operator>,
      ): Promise<Result<{ id: string; pushes: number }, 'state_conflict'>> => {
        if (said.body.times === 0) return refuse('state_conflict', 'Push at least once.')
        pushes += said.body.times
        return ok({ id: said.params.id, pushes })
      },
    ),
    serve(exportThings, (said: Said<typeof exportThings, Operator>) =>
      ok(counting(Number(said.query.count), Number(said.query.breakAt ?? -1))),
    ),
    serve(greet, () => ok({ hello: 'anyone' })),
  ] as readonly Served<Operator>[]
  return { served, pushes: () => pushes }
}

/** Remembers for as long as the test runs. */
export const createReplyMemory = (): ReplyMemory => {
  const replies = new Map<string, RememberedReply>()
  const claims = new Map<string, string>()
  return {
    async claim({ owner, key, digest }) {
      const name = `${owner} ${key}`
      const reply = replies.get(name)
      if (reply !== undefined) return { kind: 'answered', reply }
      const taken = claims.get(name)
      if (taken !== undefined) return { kind: 'taken', isSameRequest: taken === digest }
      claims.set(name, digest)
      const release = async (): Promise<void> => void claims.delete(name)
      return {
        kind: 'mine',
        async answer(said) {
          replies.set(name, said)
          await release()
        },
        release,
        abandon: release,
      }
    },
  }
}
