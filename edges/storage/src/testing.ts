// The door for tests of rooms that store: every suite on both engines, each in a database of its own.
// Starting a PostgreSQL server is left to the script that runs the tests.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'node:test'
import postgres from 'postgres'
import { openStorage, type Storage, type StorageSettings } from './open.ts'
import type { Engine } from './session.ts'

/**
 * Runs a suite once for each engine. PostgreSQL is expected at `MUSTER_TEST_POSTGRES`; without it the PostgreSQL half
 * fails, unless `MUSTER_TEST_ENGINES=sqlite` says to leave it out.
 */
export const eachEngine = (suite: (engine: Engine) => void): void => {
  describe('sqlite', () => suite('sqlite'))
  if (process.env['MUSTER_TEST_ENGINES'] === 'sqlite') return
  describe('postgres', () => suite('postgres'))
}

/** A place for one database, and how to make it vanish. */
export interface TestPlace {
  readonly url: string
  remove(): Promise<void>
}

const sqlitePlace = (): TestPlace => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-storage-'))
  return {
    url: `sqlite:${join(folder, 'muster.db')}`,
    async remove() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const postgresPlace = async (): Promise<TestPlace> => {
  const server = process.env['MUSTER_TEST_POSTGRES']
  if (server === undefined)
    throw new Error('set MUSTER_TEST_POSTGRES to a server for tests, or MUSTER_TEST_ENGINES=sqlite to leave it out')
  const schema = `test_${randomBytes(8).toString('hex')}`
  const run = async (statement: string): Promise<void> => {
    const admin = postgres(server, { max: 1, onnotice: () => {} })
    await admin.unsafe(statement)
    await admin.end()
  }
  await run(`create schema ${schema}`)
  const url = new URL(server)
  url.searchParams.set('search_path', schema)
  return { url: url.href, remove: () => run(`drop schema ${schema} cascade`) }
}

/** A fresh file or schema; the caller opens it, perhaps more than once, and removes it. */
export const createTestPlace = async (engine: Engine): Promise<TestPlace> =>
  engine === 'sqlite' ? sqlitePlace() : postgresPlace()

/** A storage in a fresh place; closing it removes the place too. */
export const openTestStorage = async (
  engine: Engine,
  rooms: StorageSettings['rooms'],
  more: Omit<StorageSettings, 'url' | 'rooms'> = {},
): Promise<Storage> => {
  const place = await createTestPlace(engine)
  try {
    const storage = await openStorage({ url: place.url, rooms, ...more })
    return {
      ...storage,
      async close() {
        await storage.close()
        await place.remove()
      },
    }
  } catch (error) {
    await place.remove()
    throw error
  }
}
