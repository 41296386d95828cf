// Proves that the rules of doors see what they forbid, and let pass what they allow.
// The house itself is checked in house.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Room } from './checkout.ts'
import { checkDoors, checkRooms, checkWorld } from './doors.ts'
import { readSource } from './source.ts'

const room = (folder: string, name: string, dependencies: readonly string[], doors = ['.']): Room => ({
  folder,
  name: `@muster/${name}`,
  exports: Object.fromEntries(doors.map((door) => [door, `./src/${name}.ts`])),
  dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '1.0.0'])),
  devDependencies: {},
})

const everything = ['kernel', 'http', 'identity', 'ledger', 'observe', 'telemetry', 'server'].map(
  (name) => `@muster/${name}`,
)
const rooms = [
  room('kernel', 'kernel', [...everything, 'pino']),
  room('edges/http', 'http', everything, ['.', './testing']),
  room('identity', 'identity', everything),
  room('ledger', 'ledger', everything),
  room('planes/observe', 'observe', everything),
  room('planes/telemetry', 'telemetry', everything),
  room('apps/server', 'server', everything),
]

interface Case {
  readonly name: string
  readonly path: string
  readonly code: string
  /** A part of the complaint, or null for none. */
  readonly want: string | null
}

const cases: readonly Case[] = [
  {
    name: 'an app imports a plane',
    path: 'apps/server/src/wire.ts',
    code: `import { createObserve } from '@muster/observe'`,
    want: null,
  },
  {
    name: 'a declared door beside the main one',
    path: 'identity/src/a.test.ts',
    code: `import { x } from '@muster/http/testing'`,
    want: null,
  },
  {
    name: 'a plane imports an app',
    path: 'planes/observe/src/a.ts',
    code: `import { x } from '@muster/server'`,
    want: 'imports go down only',
  },
  {
    name: 'a plane imports a plane',
    path: 'planes/observe/src/a.ts',
    code: `import { x } from '@muster/telemetry'`,
    want: 'imports go down only',
  },
  {
    name: 'identity imports ledger',
    path: 'identity/src/a.ts',
    code: `import { x } from '@muster/ledger'`,
    want: 'imports go down only',
  },
  {
    name: 'ledger imports identity, for a type',
    path: 'ledger/src/a.ts',
    code: `import type { x } from '@muster/identity'`,
    want: 'imports go down only',
  },
  {
    name: 'a type written as an import',
    path: 'kernel/src/a.ts',
    code: `export type X = import('@muster/http').X`,
    want: 'imports go down only',
  },
  {
    name: 'a file behind the door',
    path: 'apps/server/src/a.ts',
    code: `import { x } from '@muster/observe/src/sync/store.ts'`,
    want: 'is not a door',
  },
  {
    name: 'a path through the wall',
    path: 'planes/observe/src/a.ts',
    code: `export { x } from '../../../identity/src/keys.ts'`,
    want: 'through the wall',
  },
  {
    name: 'a worker behind the wall',
    path: 'apps/server/src/a.ts',
    code: `new Worker(new URL('../../../kernel/src/w.ts', import.meta.url))`,
    want: 'through the wall',
  },
  {
    name: 'an import at run time',
    path: 'ledger/src/a.ts',
    code: `const x = await import('@muster/server')`,
    want: 'imports go down only',
  },
  {
    name: 'its own door',
    path: 'kernel/src/a.ts',
    code: `import { x } from '@muster/kernel'`,
    want: 'its own room',
  },
  { name: 'a declared package', path: 'kernel/src/a.ts', code: `import { pino } from 'pino'`, want: null },
  {
    name: 'a package nobody declared',
    path: 'kernel/src/a.ts',
    code: `import { z } from 'zod'`,
    want: 'not declared',
  },
  { name: 'a package all may use', path: 'kernel/src/a.ts', code: `import fc from 'fast-check'`, want: null },
  { name: 'a builtin without its prefix', path: 'kernel/src/a.ts', code: `import fs from 'fs'`, want: 'node:fs' },
]
for (const { name, path, code, want } of cases)
  test(`${name}: ${want ?? 'allowed'}`, () => {
    const complaints = checkDoors([readSource(path, code)], rooms, { 'fast-check': '1.0.0' })
    assert.equal(complaints.length, want === null ? 0 : 1, complaints.join('\n'))
    if (want !== null) assert.ok(complaints.join().includes(want), complaints.join())
  })

const worlds: readonly (readonly [path: string, complaints: number])[] = [
  ['planes/observe/src/sync/store.ts', 1],
  ['identity/src/authority/key.ts', 1],
  ['identity/src/authority/key.test.ts', 0],
  ['edges/storage/src/sqlite.ts', 0],
  ['apps/agent/src/main.ts', 0],
]
test('asking whether a text is an address touches nothing', () => {
  assert.deepEqual(checkWorld([readSource('identity/src/a.ts', `import { isIP } from 'node:net'`)]), [])
  assert.equal(checkWorld([readSource('identity/src/a.ts', `import { isIP, connect } from 'node:net'`)]).length, 1)
})

for (const [path, complaints] of worlds)
  test(`${path} ${complaints === 0 ? 'may' : 'may not'} open a file`, () => {
    assert.equal(checkWorld([readSource(path, `import { open } from 'node:fs/promises'`)]).length, complaints)
  })

test('a door must exist, and a room must stand on a storey', () => {
  const lost = room('attic', 'attic', [])
  assert.equal(checkRooms([lost], ['attic/src/attic.ts']).length, 1)
  assert.equal(checkRooms([lost], []).length, 2)
  assert.deepEqual(checkRooms(rooms.slice(0, 1), ['kernel/src/kernel.ts']), [])
})
