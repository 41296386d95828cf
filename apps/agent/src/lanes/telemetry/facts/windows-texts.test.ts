// What the programs of Windows print, and what is read from it.
// The texts are those of a desktop with a system disk, an older data disk, a disc drive and a stick.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fixedDrivesIn, osVersionIn, processCountIn, registryValueIn } from './windows-texts.ts'

const text = (name: string): string => readFileSync(new URL(`./fixtures/windows-${name}.txt`, import.meta.url), 'utf8')

test('the version with its revision, under the name people know', () => {
  assert.equal(osVersionIn(text('version'), '10.0.26100'), 'Windows 11 Pro 10.0.26100.4061')
  const elder = text('version').replaceAll('26100', '19045')
  assert.equal(osVersionIn(elder, '10.0.19045'), 'Windows 10 Pro 10.0.19045.4061')
  assert.equal(osVersionIn('', '10.0.26100'), 'Windows 10.0.26100')
})

test('fixed disks of both kinds of table, and neither disc drives nor sticks', () => {
  assert.deepEqual(fixedDrivesIn(text('mounted-devices')), ['C:\\', 'E:\\'])
})

test('processes are lines, whatever the language writes in them', () => {
  assert.equal(processCountIn(text('tasklist')), 5)
  assert.equal(processCountIn('INFO: No tasks are running.\r\n'), 0)
})

test('a value of the registry by its whole name', () => {
  const said = '\r\nHKEY\r\n    MachineGuid    REG_SZ    12345678-1234-1234-1234-1234567890ab\r\n\r\n'
  assert.equal(registryValueIn(said, 'MachineGuid'), '12345678-1234-1234-1234-1234567890ab')
  assert.equal(registryValueIn(said, 'Guid'), null)
})
