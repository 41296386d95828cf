// A program for tests that scans twice and is killed by the operating system in the middle of a chosen write.
// Run as: die-at.ts DATABASE TABLE insert|update|delete; what is left on the disk is looked at by whoever started it.
import { createFakeClock, silentLog } from '@muster/kernel'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import { createScanner } from '../scan/scan.ts'
import { createScripted, openStores, packageItem, recipient, snapshotOf } from './stores.ts'

const [path = '', table = '', write = 'insert'] = process.argv.slice(2)
const never = new AbortController().signal

const stores = openStores(path)
stores.db.function('die', () => {
  process.kill(process.pid, 'SIGKILL')
  return null
})
const { observe } = readConfiguration(null, readMachine({}))
const scanner = createScanner({
  ...stores,
  clock: createFakeClock(),
  log: silentLog,
  settings: () => observe,
  recipient: () => recipient,
})
const disk = createScripted(snapshotOf([packageItem('a', '1'), packageItem('b', '1')]))
await scanner.scan(disk, never)
disk.sees(snapshotOf([packageItem('a', '1', { detail: 'scope=dev' }), packageItem('c', '1')]))
stores.db.exec(`create temp trigger die after ${write} on main.${table} begin select die(); end`)
await scanner.scan(disk, never)
