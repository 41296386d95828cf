// A whole server in the test's own process, on free ports of loopback, with every reply held against its contract.
// Tests of the program, its words and its exit codes start a process instead, see program.ts beside this.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Role } from '@muster/contract'
import { type Called, type Client, createClient, type Site } from '@muster/http'
import { bySystem, type KnownOperator } from '@muster/identity'
import { type Clock, Secret, silentLog } from '@muster/kernel'
import { createTestPlace } from '@muster/storage/testing'
import { readArguments } from '../settings/arguments.ts'
import { readMachine } from '../settings/read-machine.ts'
import { readSettings, type ServerSettings } from '../settings/settings.ts'
import { flagOf, settingKeys } from '../settings/table.ts'
import { type RunningServer, startServer } from '../wire.ts'

export interface TestServer extends RunningServer {
  /** Speaks with the token of the first owner. */
  readonly owner: Client
  client(token?: string): Client
  /** A token of that role, in the default tenant or another. */
  tokenOf(role: Role, tenantId?: string): Promise<string>
}

export interface TestServerWishes {
  readonly dataDir?: string
  readonly argv?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly clock?: Clock
  /** In a database of its own that vanishes with the server; SQLite in the data folder unless told. */
  readonly engine?: 'sqlite' | 'postgres'
  /** Who vouches for the API's own certificate, when it was given one, PEM. */
  readonly apiCa?: string
  /** The dashboard's files, for tests that look at it. */
  readonly dashboard?: Site | null
  /** False when operators prove themselves otherwise, so that there is no first token. */
  readonly hasOwner?: boolean
}

/** Settings as the program would read them from these words. */
export const settingsFor = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): ServerSettings => {
  const given = readArguments(argv, ['config', ...settingKeys.map(flagOf)], [])
  const machine = { ...readMachine({}), home: '/nonexistent', env: { XDG_CONFIG_HOME: '/nonexistent', ...env } }
  const outcome = readSettings(given, machine)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.faults))
  return outcome.settings
}

const ownerOf = (tenantId: string): KnownOperator => ({
  operatorId: 'test',
  tokenId: null,
  name: 'test',
  role: 'owner',
  scopes: null,
  tenantId,
  groupNos: null,
  expiresMs: null,
})

let names = 0

/** Whoever starts it closes it; without a data folder of its own it gets one that vanishes then. */
export const startTestServer = async (wishes: TestServerWishes = {}): Promise<TestServer> => {
  const { argv = [], env = {}, clock, apiCa, hasOwner = true, engine = 'sqlite', dashboard = null } = wishes
  const scratch = wishes.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'muster-server-')) : null
  const dataDir = wishes.dataDir ?? join(scratch ?? '', 'data')
  const place = engine === 'postgres' ? await createTestPlace(engine) : null
  const db = place === null ? [] : ['--db', place.url]
  const words = ['--data-dir', dataDir, '--gateway', '127.0.0.1:0', '--api', '127.0.0.1:0', ...db, ...argv]
  const server = settingsFor(words, env)
  const running = await startServer({ server, log: silentLog, checkReplies: true, dashboard, ...(clock && { clock }) })
  const client = (token?: string): Client =>
    createClient({
      baseUrl: running.api.url,
      ...(apiCa !== undefined && { ca: apiCa }),
      ...(token !== undefined && { token: new Secret(token) }),
    })
  const { operators } = running.rooms.identity
  return {
    ...running,
    async close() {
      await running.close()
      await place?.remove()
      if (scratch !== null) rmSync(scratch, { recursive: true, force: true })
    },
    client,
    owner: client(hasOwner ? readFileSync(join(dataDir, 'admin-token'), 'utf8').trim() : undefined),
    async tokenOf(role, tenantId = 'default') {
      names += 1
      const made = await operators.createToken(bySystem('test'), ownerOf(tenantId), { name: `test ${names}`, role })
      if (!made.ok) throw new Error(`make a token: ${made.refusal.code}`)
      return made.value.token
    },
  }
}

/** The value of a call that must succeed. */
export const value = async <T>(called: Promise<Called<T>>): Promise<T> => {
  const answer = await called
  if (!answer.ok) throw new Error(`refused: ${answer.refusal.code} ${answer.refusal.detail ?? ''}`)
  return answer.value
}
