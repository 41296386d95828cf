// Texts of Linux machines, and what is read from them.
// The texts are those of a laptop, a server with containers and a machine with little memory.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { localMounts } from './linux-mounts.ts'
import {
  isCountedInterface,
  memoryIn,
  osVersionIn,
  processCountIn,
  processorTimesIn,
  reclaimableIn,
  uptimeSecondsIn,
} from './linux-texts.ts'

const text = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')

test('processors: waiting for a disk is idling, and guests are not counted twice', () => {
  const { busy, total } = processorTimesIn(text('linux-stat.txt'))
  const user = 1_183_552 + 4_306 + 308_377
  const interrupts = 12_001 + 31_022 + 0
  assert.deepEqual([total, busy], [user + 38_102_229 + 62_114 + interrupts, user + interrupts])
  assert.throws(() => processorTimesIn(''), /no line/)
})

test('memory: what is available is not used', () => {
  const meminfo = text('linux-meminfo.txt')
  assert.deepEqual(memoryIn(meminfo), { totalBytes: 24_684_084 * 1024, usedBytes: (24_684_084 - 22_395_276) * 1024 })
  assert.throws(() => memoryIn('MemTotal: 1 kB'), /MemAvailable/)
})

test('memory of a container: file pages that can go are not used, in both spellings', () => {
  assert.equal(reclaimableIn('anon 4096\ninactive_file 8192\nactive_file 1\n'), 8192)
  assert.equal(reclaimableIn('inactive_file 1\ntotal_inactive_file 5\n'), 1)
  assert.equal(reclaimableIn(''), 0)
})

const releases = [
  ['PRETTY_NAME="Ubuntu 24.04.2 LTS"\nNAME="Ubuntu"\n', 'Ubuntu 24.04.2 LTS'],
  ["NAME=Alpine\nPRETTY_NAME='Alpine Linux v3.20'\n", 'Alpine Linux v3.20'],
  ['NAME="Arch Linux"\nBUILD_ID=rolling\n', 'Arch Linux 6.9.1'],
  ['NAME=Fedora\nVERSION_ID=40\n', 'Fedora 40'],
  ['PRETTY_NAME="A \\"quoted\\" name"\n', 'A "quoted" name'],
  ['', 'Linux 6.9.1'],
] as const
for (const [osRelease, want] of releases)
  test(`the system calls itself ${want}`, () => assert.equal(osVersionIn(osRelease, '6.9.1'), want))

test('uptime in whole seconds, and processes by their numbers', () => {
  assert.equal(uptimeSecondsIn('25689.71 49732.90\n'), 25_689)
  assert.throws(() => uptimeSecondsIn(''), /no number/)
  assert.equal(processCountIn(['1', '27', 'self', 'thread-self', 'sys', '4194304', '12x']), 3)
})

test('interfaces count when they are up and not the loopback', () => {
  assert.deepEqual(['0x1003', '0x9', '0x1002', '0x11043\n', ''].map(isCountedInterface), [
    true,
    false,
    false,
    true,
    false,
  ])
})

test('a laptop: one disk of many subvolumes, the boot partition, and nothing of the kernel’s or of packages', () => {
  assert.deepEqual(
    localMounts(text('linux-mounts-laptop.txt')).map(({ mount }) => mount),
    ['/', '/boot', '/boot/efi', '/run/media/ada/USB STICK'],
  )
})

test('a server: nothing below a share of another machine, nothing hidden by one, and Windows disks from outside', () => {
  assert.deepEqual(localMounts(text('linux-mounts-server.txt')), [
    { mount: '/', isForeign: false },
    { mount: '/srv/data', isForeign: false },
    { mount: '/tank/home', isForeign: false },
    { mount: '/mnt/windows', isForeign: true },
  ])
})

test('a container sees a disk of its host only where a folder of it was given', () => {
  assert.deepEqual(
    localMounts(text('linux-mounts-container.txt')).map(({ mount }) => mount),
    ['/data'],
  )
})
