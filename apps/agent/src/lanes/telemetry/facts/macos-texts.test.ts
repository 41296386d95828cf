// What the programs of macOS print, and what is read from it.
// The texts are those of a portable with Apple silicon, a disk and a stick plugged in, and two shares mounted.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  availableBytesIn,
  interfacesIn,
  localMountsIn,
  osVersionIn,
  platformPropertyIn,
  processCountIn,
} from './macos-texts.ts'
import { shapeInterfaces } from './shape.ts'

const text = (name: string): string => readFileSync(new URL(`./fixtures/macos-${name}.txt`, import.meta.url), 'utf8')

test('memory that programs could have, in pages of the size that is told', () => {
  assert.equal(availableBytesIn(text('vm_stat')), (19_455 + 425_521 + 946 + 23_960) * 16_384)
  assert.throws(() => availableBytesIn('Pages free: 1.'), /page size/)
})

test('the version with its build, and with a rapid response between them', () => {
  assert.equal(osVersionIn(text('sw_vers')), '15.5 (24F74)')
  assert.equal(
    osVersionIn('ProductName:\tmacOS\nProductVersion:\t13.4.1\nProductVersionExtra:\t(c)\nBuildVersion:\t22F770820d\n'),
    '13.4.1 (c) (22F770820d)',
  )
  assert.throws(() => osVersionIn(''), /no version/)
})

test('each disk once: no hidden volumes, no images, no shares', () => {
  assert.deepEqual(localMountsIn(text('mount')), ['/', '/Volumes/USB Stick', '/Volumes/crucial x6'])
})

test('interfaces that are up, with and without an address, without the loopback and without zones', () => {
  assert.deepEqual(shapeInterfaces(interfacesIn(text('ifconfig')), []), [
    {
      name: 'en0',
      mac_address: 'ac:87:a3:2a:ef:b5',
      ip_addresses: ['fe80::8a1:d9f6:338c:5833', '10.2.1.64', '2001:db8:63:5f00::1a'],
    },
    { name: 'en3', mac_address: '36:7c:19:0b:7e:80', ip_addresses: [] },
    { name: 'utun4', mac_address: null, ip_addresses: ['100.101.102.103'] },
  ])
})

test('processes are lines, and the platform has a name of its own', () => {
  assert.equal(processCountIn('    1\n   87\n99999\n'), 3)
  assert.equal(platformPropertyIn(text('ioreg'), 'IOPlatformUUID'), '564D2B7A-9A1C-4F0E-8D3B-0C9F2A6E1B55')
  assert.equal(platformPropertyIn(text('ioreg'), 'IOPlatformSerialNumber'), 'XF4KD0000Q')
  assert.equal(platformPropertyIn('', 'IOPlatformUUID'), null)
})
