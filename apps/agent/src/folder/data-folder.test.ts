// The data folder: made with all above it, its owner's only, one agent's at a time, and told in a line when it cannot be.
// What the files in it hold is tested where they are written.
import assert from 'node:assert/strict'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratchFolder } from '../lanes/observe/testing/stores.ts'
import { PlainFault } from '../plain-fault.ts'
import { isFolderInUse, openDataFolder } from './data-folder.ts'

test('it is made with all above it, and only its owner may look into it', () => {
  const path = join(scratchFolder(), 'a', 'b', 'data')
  const folder = openDataFolder(path)
  assert.deepEqual([statSync(path).mode & 0o777, statSync(join(path, '..')).mode & 0o777], [0o700, 0o700])
  assert.equal(isFolderInUse(path), true)
  assert.throws(() => openDataFolder(path), /another muster-agent is using it/)
  folder.close()
  assert.equal(isFolderInUse(path), false)
})

test('one that others could read is closed to them', () => {
  const path = join(scratchFolder(), 'data')
  mkdirSync(path, { mode: 0o755 })
  openDataFolder(path).close()
  assert.equal(statSync(path).mode & 0o777, 0o700)
})

const file = join(scratchFolder(), 'file')
writeFileSync(file, '')
const impossible = [file, join(file, 'data'), '/proc/muster/data', '/proc/self/muster', '/sys/muster/data']
for (const path of impossible)
  test(`what cannot be made is told in one line: ${path.replace(file, 'a file')}`, () =>
    assert.throws(
      () => openDataFolder(path),
      (fault) => fault instanceof PlainFault && fault.message.startsWith(`data folder ${path}: `),
    ))
