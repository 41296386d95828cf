// Patience: what fails, hangs or lies costs its own fact and nothing else.
// What each system says is tested beside its texts; that this very machine has all eleven facts is seen at the end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCollector } from './collect.ts'
import type { FactReaders, ProcessorTimes } from './facts.ts'
import { loadReaders } from './readers.ts'

const good: FactReaders = {
  hostname: () => 'build-07',
  osVersion: () => 'Ubuntu 24.04.2 LTS',
  uptimeSeconds: () => 86_400,
  cpuCount: () => 8,
  processorTimes: () => ({ busy: 0, total: performance.now() }),
  memory: () => ({ totalBytes: 1000, usedBytes: 400 }),
  disks: () => [
    { mount: '/var', total_bytes: 10, used_bytes: 11 },
    { mount: '/', total_bytes: 10, used_bytes: 5 },
    { mount: '/empty', total_bytes: 0, used_bytes: 0 },
    { mount: '/snap/x', total_bytes: 1, used_bytes: 1 },
  ],
  networkInterfaces: () => [
    { name: 'eth0', mac_address: null, ip_addresses: ['10.0.0.7', 'fe80::1%eth0', '10.0.0.7'] },
    { name: 'docker0', mac_address: null, ip_addresses: [] },
  ],
  processCount: () => 231,
}
const patience = { factMs: 100, wholeMs: 400, windowMs: 1 }
const exclusions = { mounts: ['/snap/*'], interfaces: ['docker*'] }
const collectorOf = (changed: Partial<FactReaders>, more = {}) =>
  createCollector({
    osFamily: 'linux',
    readers: { ...good, ...changed },
    exclusions,
    patience: { ...patience, ...more },
  })

const failing = (code: string) => () => {
  throw Object.assign(new Error('no'), { code })
}
const never = () => new Promise<never>(() => {})

test('all is well: sorted, bounded, without zones and without what the owner excluded', async () => {
  const { facts, errors } = await collectorOf({})()
  assert.deepEqual(errors, [])
  assert.deepEqual(facts, {
    hostname: 'build-07',
    os_family: 'linux',
    os_version: 'Ubuntu 24.04.2 LTS',
    uptime_seconds: 86_400,
    cpu_count: 8,
    cpu_usage_percent: 0,
    memory_total_bytes: 1000,
    memory_used_bytes: 400,
    disks: [
      { mount: '/', total_bytes: 10, used_bytes: 5 },
      { mount: '/var', total_bytes: 10, used_bytes: 10 },
    ],
    network_interfaces: [{ name: 'eth0', mac_address: null, ip_addresses: ['10.0.0.7', 'fe80::1'] }],
    process_count: 231,
  })
})

test('a fact that fails is null with its reason, and the others are there', async () => {
  const { facts, errors } = await collectorOf({
    disks: failing('EACCES'),
    memory: failing('ENOENT'),
    processCount: failing('EIO'),
  })()
  assert.deepEqual(
    [facts.disks, facts.memory_total_bytes, facts.memory_used_bytes, facts.process_count, facts.cpu_count],
    [null, null, null, null, 8],
  )
  assert.deepEqual(errors, [
    { fact: 'memory_total_bytes', code: 'unsupported' },
    { fact: 'memory_used_bytes', code: 'unsupported' },
    { fact: 'disks', code: 'permission_denied' },
    { fact: 'process_count', code: 'failed' },
  ])
})

test('a fact that hangs is given up, and not asked for again until it has answered', async () => {
  let asked = 0
  const answers: (() => void)[] = []
  const collect = collectorOf({
    disks: () => {
      asked += 1
      return new Promise((resolve) => answers.push(() => resolve([])))
    },
  })
  for (let beat = 0; beat < 3; beat += 1)
    assert.deepEqual((await collect()).errors, [{ fact: 'disks', code: 'timeout' }])
  assert.equal(asked, 1)
  answers[0]?.()
  await new Promise((resolve) => setImmediate(resolve))
  const later = collect()
  while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve))
  answers[1]?.()
  assert.deepEqual((await later).facts.disks, [])
})

test('everything hangs: the collection ends all the same, with a reason for each', async () => {
  const collect = collectorOf({
    memory: never,
    hostname: never,
    osVersion: never,
    uptimeSeconds: never,
    cpuCount: never,
    disks: never,
    networkInterfaces: never,
    processCount: never,
  })
  const { errors } = await collect()
  assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(['timeout']))
  assert.equal(errors.length, 10)
})

const usageOf = async (...readings: readonly ProcessorTimes[]) => {
  const left = [...readings]
  const collect = collectorOf({ processorTimes: () => left.shift() ?? { busy: 0, total: 0 } })
  const first = await collect()
  return { first: first.facts.cpu_usage_percent, next: async () => (await collect()).facts.cpu_usage_percent }
}

test('the first reading waits for a window, later ones go back to the one before', async () => {
  const { first, next } = await usageOf(
    { busy: 100, total: 1000 },
    { busy: 150, total: 1400 },
    { busy: 951, total: 2600 },
  )
  assert.deepEqual([first, await next()], [12.5, 66.8])
})

test('counters that begin anew are read again, and never give a usage out of bounds', async () => {
  const { first, next } = await usageOf(
    { busy: 0, total: 1000 },
    { busy: 900, total: 1100 },
    { busy: 1, total: 10 },
    { busy: 2, total: 14 },
  )
  assert.deepEqual([first, await next()], [100, 25])
})

test('this very computer has all its facts, and no errors', async () => {
  const system = ({ darwin: 'macos', win32: 'windows' } as const)[process.platform as 'darwin'] ?? 'linux'
  const collect = createCollector({
    osFamily: system,
    readers: await loadReaders(system),
    exclusions: { mounts: [], interfaces: [] },
  })
  const { facts, errors } = await collect()
  assert.deepEqual(errors, [])
  for (const [name, value] of Object.entries(facts)) assert.notEqual(value, null, name)
  assert.ok((facts.uptime_seconds ?? 0) > 0 && (facts.process_count ?? 0) > 0 && (facts.cpu_count ?? 0) > 0)
  assert.ok((facts.memory_used_bytes ?? 0) <= (facts.memory_total_bytes ?? 0))
})
