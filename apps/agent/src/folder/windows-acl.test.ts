// What is said to Windows about the data folder; whether Windows does it is seen there.
// That other systems get a mode is tested with the commands.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountOf, privateAcl } from './windows-acl.ts'

const path = String.raw`C:\ProgramData\Muster\agent`

test('the system’s own agent leaves two entries and inherits none', () => {
  assert.deepEqual(privateAcl(path, accountOf('SYSTEM', 'NT AUTHORITY')), [
    path,
    '/inheritance:r',
    '/grant:r',
    '*S-1-5-18:(OI)(CI)F',
    '*S-1-5-32-544:(OI)(CI)F',
    '/q',
  ])
})

test('an agent under another account keeps itself in', () => {
  assert.equal(
    privateAcl(path, accountOf('LOCAL SERVICE', 'NT AUTHORITY'))[5],
    String.raw`NT AUTHORITY\LOCAL SERVICE:(OI)(CI)F`,
  )
  assert.deepEqual([accountOf('ada', 'HOME'), accountOf('ada', undefined)], [String.raw`HOME\ada`, 'ada'])
})
