// Fuzzing with a kept corpus: every input that was ever odd is tried again in each run, then bent in every way.
// What an input is handed to, and what it may answer, is the target's; MUSTER_FUZZ_RUNS and MUSTER_FUZZ_SEED choose a run.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { chooseSeed, countFrom } from './dice.ts'

export interface Sample {
  readonly name: string
  readonly bytes: Buffer
}

/** Throws when the target did anything but answer as it should. */
export type Check = (bytes: Buffer) => void | Promise<void>

const folderOf = (target: string): string => join(import.meta.dirname, 'fixtures', target)

export const readCorpus = (target: string): readonly Sample[] =>
  readdirSync(folderOf(target))
    .toSorted()
    .map((name) => ({ name, bytes: readFileSync(join(folderOf(target), name)) }))

const budgetMs = 100
const tries = 3

/**
 * Runs the check and holds what it cost this thread, where the event loop turns, against the budget. Processor time and
 * not the clock, because the machine may be busy; an input counts as slow only if it is so every time.
 */
export const withinBudget = async (bytes: Buffer, check: Check): Promise<void> => {
  let least = Number.POSITIVE_INFINITY
  for (let time = 1; time <= tries && least > budgetMs; time += 1) {
    const before = process.threadCpuUsage()
    await check(bytes)
    const { user, system } = process.threadCpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  assert.ok(least <= budgetMs, `${bytes.length} bytes kept the event loop for ${Math.round(least)} ms`)
}

/** Bytes with a meaning somewhere: ends of ranges, openings, what texts end with. */
const notable = fc.constantFrom(
  0x00,
  0x01,
  0x7f,
  0x80,
  0xff,
  0x0a,
  0x0d,
  0x20,
  0x22,
  0x2c,
  0x3a,
  0x5b,
  0x5c,
  0x5d,
  0x7b,
  0x7d,
)
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 8 }),
  fc.array(notable, { maxLength: 8 }).map((codes) => Uint8Array.from(codes)),
)

const edit = fc.record({
  at: fc.nat(),
  /** How much goes. */
  length: fc.oneof({ weight: 4, arbitrary: fc.nat(6) }, fc.nat(2000)),
  /** What comes instead, and how often. */
  put: piece,
  times: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.nat(200)),
  /** A part of another sample comes as well. */
  borrow: fc.option(fc.tuple(fc.nat(), fc.nat(300)), { nil: null, freq: 4 }),
})
type Edit = typeof edit extends fc.Arbitrary<infer Made> ? Made : never

const mostBytes = 256 * 1024

const bend = (bytes: Buffer, other: Buffer, { at, length, put, times, borrow }: Edit): Buffer => {
  const from = bytes.length === 0 ? 0 : at % (bytes.length + 1)
  const lentFrom = borrow === null || other.length === 0 ? 0 : borrow[0] % other.length
  const lent = borrow === null ? Buffer.alloc(0) : other.subarray(lentFrom, lentFrom + borrow[1])
  const come = Buffer.concat(new Array<Uint8Array>(times).fill(put))
  return Buffer.concat([bytes.subarray(0, from), come, lent, bytes.subarray(from + length)]).subarray(0, mostBytes)
}

/** Samples with pieces cut out, put in, repeated, and taken from one another. */
export const bentFrom = (corpus: readonly Sample[]): fc.Arbitrary<Buffer> => {
  const sample = fc.constantFrom(...corpus).map(({ bytes }) => bytes)
  return fc
    .record({ bytes: sample, other: sample, edits: fc.array(edit, { minLength: 1, maxLength: 6 }) })
    .map(({ bytes, other, edits }) => edits.reduce((bent, one) => bend(bent, other, one), bytes))
}

const runs = countFrom('MUSTER_FUZZ_RUNS', 200)
const seed = chooseSeed('MUSTER_FUZZ_SEED')

/** The smallest input that still fails joins the corpus, so that it is tried in every run from now on. */
const keep = (target: string, bytes: Buffer): string => {
  const name = `found-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`
  writeFileSync(join(folderOf(target), name), bytes)
  return name
}

/** Every sample of the corpus, each as a test of its own. */
export const replay = (target: string, check: Check): void => {
  for (const { name, bytes } of readCorpus(target)) test(`kept: ${name}`, () => withinBudget(bytes, check))
}

/** As many inputs as the run has. What fails is kept for the next one. */
export const fuzz = (target: string, what: string, inputs: fc.Arbitrary<Buffer>, check: Check): void => {
  test(`${what} (${runs} runs, seed ${seed})`, async () => {
    const property = fc.asyncProperty(inputs, (bytes) => withinBudget(bytes, check))
    const details = await fc.check(property, { numRuns: runs, seed })
    const [found] = details.counterexample ?? []
    if (found === undefined) return assert.equal(details.failed, false)
    const where = `run ${details.numRuns}, path ${details.counterexamplePath}`
    throw new Error(`${keep(target, found)} is kept in the corpus (${where})`, { cause: details.errorInstance })
  })
}
