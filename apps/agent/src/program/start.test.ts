// The start from what the engine made before: taken once, believed only whole and for the same program.
// That the bundle of the agent starts so is scripts/package/package.test.ts.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Keeper, start } from './start.ts'

const scratch = mkdtempSync(join(tmpdir(), 'muster-start-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const world = globalThis as { started?: { readonly keeper: Keeper | null; readonly where: string } }

/** Says, for this test, with what it was started and at which line of which file. */
const program = (keeper: Keeper | null): void => {
  const where = new Error('here').stack?.split('\n')[1] ?? ''
  Object.assign(globalThis, { started: { keeper, where } })
}
const other = (keeper: Keeper | null): void => {
  Object.assign(globalThis, { started: { keeper, where: 'the other one' } })
}

const begin = (folder: string, what = program) => {
  start({ file: '/opt/agent.mjs', lines: 41 }, what, folder)
  assert.ok(world.started)
  return world.started
}

const kept = (folder: string): string => {
  mkdirSync(folder)
  const { keeper } = begin(folder)
  assert.ok(keeper)
  writeFileSync(keeper.file, keeper.take() ?? '')
  return keeper.file
}

const isTaken = (folder: string, what = program): boolean => begin(folder, what).keeper?.take() === null

test('without a folder the program itself runs, and there is nothing to keep', () => {
  const { keeper, where } = begin('')
  assert.equal(keeper, null)
  assert.match(where, /start\.test\.ts/)
})

test('what was made is offered once, and the next start takes it', () => {
  const folder = join(scratch, 'twice')
  const { keeper } = begin(folder)
  assert.equal(existsSync(folder), false)
  assert.ok((keeper?.take()?.length ?? 0) > 100)
  assert.equal(keeper?.take(), null)
  kept(folder)
  assert.equal(isTaken(folder), true)
})

test('a fault is told where it stands in the file, whichever way the program was started', () => {
  const folder = join(scratch, 'lines')
  kept(folder)
  // The stack is taken in the second line of the program, which begins in line 42.
  assert.match(begin(folder).where, /\/opt\/agent\.mjs:43:/)
})

test('what a disk has damaged, what was cut off and what was made of another program is made anew', () => {
  const folder = join(scratch, 'damaged')
  const file = kept(folder)
  const good = readFileSync(file)
  for (const at of [0, 40, good.length - 1]) {
    const bad = Buffer.from(good)
    bad[at] = (bad[at] ?? 0) ^ 1
    writeFileSync(file, bad)
    assert.equal(isTaken(folder), false, `byte ${at}`)
  }
  for (const length of [0, 31, 32, good.length - 1]) {
    writeFileSync(file, good.subarray(0, length))
    assert.equal(isTaken(folder), false, `${length} bytes`)
  }
  writeFileSync(file, good)
  assert.equal(isTaken(folder, other), false)
  assert.equal(begin(folder, other).where, 'the other one')
  assert.equal(isTaken(folder), true)
})

test('a folder that cannot be read stops nobody', () => {
  const file = join(scratch, 'a file')
  writeFileSync(file, '')
  assert.equal(isTaken(file), false)
})
