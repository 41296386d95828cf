// Operators for a case that asks more than one of them may: a server answers each token so many times a minute.
// They are made as an owner makes them, and ask in turns.
import { createOperatorToken } from '@muster/contract'
import { type Client, call, createClient } from '@muster/http/client'
import { Secret } from '@muster/kernel'
import type { Server } from '../harness/server.ts'

/** What a token may ask at once, and then within a minute (fleet-product 12). */
const perToken = 600

const makeOperator = async (server: Server, no: number): Promise<Client> => {
  const body = { name: `bench ${no}`, role: 'viewer' } as const
  const made = await call(server.api, createOperatorToken, { body })
  if (!made.ok) throw new Error(`an operator token was refused: ${made.refusal.code}`)
  return createClient({ baseUrl: server.api.origin, token: new Secret(made.value.token), timeoutMs: 120_000 })
}

/** As many as may ask so often without waiting; answers a function that says whose turn it is. */
export const operatorsFor = async (server: Server, requests: number): Promise<() => Client> => {
  const operators: Client[] = []
  for (let no = 0; no < Math.ceil(requests / perToken); no += 1) operators.push(await makeOperator(server, no))
  let turn = 0
  return () => operators[turn++ % operators.length] as Client
}
