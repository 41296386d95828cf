// Proof that a packed heartbeat reads back as it was, alone and in a run, and is found by its key.
// What is packed is decided in decide.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import type { Heartbeat } from './decide.ts'
import { packBytes, unpackBytes } from './pack-store.ts'
import { findDigest, NO_KEY, packSample, readSamples, splitSamples } from './sample.ts'
import { append, createTail, createTails, cut, mayHold, samplesOf } from './tail.ts'

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length })
const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null })

const heartbeats: fc.Arbitrary<Heartbeat> = fc
  .record({
    key: orNull(hex(32).filter((key) => key !== NO_KEY)),
    digest: hex(64),
    observedMs: fc.nat(2 ** 41),
    uptimeSeconds: orNull(fc.nat(2 ** 30)),
    cpu: orNull(fc.nat(1000)),
    memoryUsedBytes: orNull(fc.nat(2 ** 40)),
    processCount: orNull(fc.nat(100_000)),
    disks: fc.array(fc.record({ used: fc.nat(2 ** 42), total: fc.nat(2 ** 43) }), { maxLength: 5 }),
  })
  .map(({ key, digest, observedMs, uptimeSeconds, cpu, memoryUsedBytes, processCount, disks }) => ({
    key,
    digest,
    observedMs,
    clockSkewSeconds: null,
    metrics: {
      uptimeSeconds,
      cpuPercent: cpu === null ? null : cpu / 10,
      memoryUsedBytes,
      processCount,
      diskUsedBytes: disks.map(({ used }) => used),
    },
    description: {
      agentVersion: null,
      bootId: null,
      hostname: null,
      osFamily: null,
      osVersion: null,
      cpuCount: null,
      memoryTotalBytes: 2 ** 40,
      disks: disks.map(({ total }, index) => ({ mount: `/${index}`, totalBytes: total })),
      networkInterfaces: null,
      capabilities: null,
      collectionErrors: [],
      extras: {},
    },
    warnings: [],
    secretCount: 0,
  }))

test('a run of samples reads back as it was packed, compressed or not', () => {
  fc.assert(
    fc.property(fc.array(heartbeats, { minLength: 1, maxLength: 40 }), (said) => {
      const packed = said.map((heartbeat, index) => packSample(heartbeat, 1000 + index, index))
      const run = unpackBytes(packBytes(Buffer.concat(packed)))
      assert.deepEqual(splitSamples(run), packed)
      for (const [index, sample] of readSamples(run).entries()) {
        const { key, digest, observedMs, metrics } = said[index] as Heartbeat
        assert.deepEqual(
          [sample.key, sample.digest, sample.observedMs, sample.receivedMs, sample.descriptionNo, sample.metrics],
          [key ?? NO_KEY, digest.slice(0, 16), observedMs, 1000 + index, index, metrics],
        )
        if (key !== null) assert.ok(findDigest(run, key) !== undefined)
      }
      assert.equal(findDigest(run, 'f'.repeat(31) + '0'), undefined)
    }),
    { numRuns: 50 },
  )
})

test('packs of before, which were deflate, are read as well, whatever is in them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.constantFrom(0, 1, 9), (bytes, level) => {
      assert.deepEqual(unpackBytes(deflateRawSync(bytes, { level })), Buffer.from(bytes))
      assert.deepEqual(unpackBytes(packBytes(Buffer.from(bytes))), Buffer.from(bytes))
    }),
  )
})

test('a tail keeps what was appended, and lets go of what was packed', () => {
  fc.assert(
    fc.property(fc.array(heartbeats, { minLength: 1, maxLength: 40 }), fc.nat(40), (said, through) => {
      const tail = createTail(1, 'default', { newest: null, lastSeenMs: null, described: null, packed: null })
      const packed = said.map((heartbeat, index) => packSample(heartbeat, 1000 + index, 0))
      for (const [index, sample] of packed.entries()) append(tail, index + 1, sample)
      assert.deepEqual(splitSamples(samplesOf(tail)), packed)
      cut(tail, { observedMs: 0, throughNo: through, total: through, throughMs: 0 })
      assert.deepEqual(splitSamples(samplesOf(tail)), packed.slice(through))
      assert.equal(tail.nos.length, Math.max(0, packed.length - through))
      for (const { key } of said.slice(through)) if (key !== null) assert.ok(mayHold(tail, key))
      assert.equal(tail.keyStarts.length, tail.nos.length)
    }),
    { numRuns: 50 },
  )
})

test('what was appended, and what was cut, is taken back as if it had never been', () => {
  const counts = fc.record({ before: fc.nat(20), within: fc.nat(40), isCut: fc.boolean() })
  fc.assert(
    fc.property(fc.array(heartbeats, { minLength: 60, maxLength: 60 }), counts, (said, { before, within, isCut }) => {
      const tails = createTails()
      const tail = createTail(1, 'default', { newest: null, lastSeenMs: null, described: null, packed: null })
      tails.add(tail)
      const add = (heartbeat: Heartbeat, index: number): void =>
        append(tail, index + 1, packSample(heartbeat, 1000 + index, 0))
      said.slice(0, before).forEach(add)
      const was = structuredClone({ ...tail, bytes: samplesOf(tail) })
      tails.keep(tail)
      said.slice(before, before + within).forEach((one, index) => add(one, before + index))
      if (isCut) cut(tail, { observedMs: 0, throughNo: before + within, total: before + within, throughMs: 0 })
      tails.rewind()
      assert.deepEqual(structuredClone({ ...tail, bytes: samplesOf(tail) }), was)
      add(said[59] as Heartbeat, before)
      assert.equal(tail.nos.at(-1), before + 1)
    }),
  )
})
