// What a server may change and what it may not, as tables; and that a bundle is taken whole or not at all.
// Fetching is tested in lane.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { ObserveSettings } from '../../../configuration/configuration.ts'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import { isWithin } from '../collect/path-prefix.ts'
import { readBundle } from './bundle.ts'
import { overlay } from './decide.ts'

const home = '/home/ada'
const defaults = readConfiguration(null, { ...readMachine({}), platform: 'linux', home }).observe
const owner = (scanRoots: readonly string[], isExplicit = false): ObserveSettings => ({
  ...defaults,
  watch: { ...defaults.watch, projectRoots: scanRoots },
  ceiling: { scanRoots, isExplicit },
})

const bundleOf = (said: unknown) => {
  const read = readBundle(JSON.stringify(said))
  assert.ok(read.ok)
  return read.value
}
const rootsUnder = (local: ObserveSettings, asked: readonly string[]) =>
  overlay(local, bundleOf({ watch: { projectRoots: asked } })).settings.watch.projectRoots

const src = `${home}/src`
const rootCases = [
  { name: "the owner's own root", local: owner([src]), asked: ['~/src'], want: [src] },
  { name: 'a part of it', local: owner([src]), asked: ['~/src/shop'], want: [`${src}/shop`] },
  { name: 'more than it is cut to it', local: owner([`${src}/shop`]), asked: ['~/src'], want: [`${src}/shop`] },
  { name: 'beside it is left out', local: owner([src]), asked: ['~/src', '~/private'], want: [src] },
  { name: 'climbing out is not climbing out', local: owner([src]), asked: ['~/src/../.ssh', '~/src'], want: [src] },
  { name: 'the home directory is too wide', local: owner([src]), asked: ['~', '~/src/a'], want: [`${src}/a`] },
  { name: 'so is the whole disk', local: owner([src]), asked: ['/', '/home', '~/src'], want: [src] },
  { name: 'outside home is not opened', local: owner([src]), asked: ['/etc', '~/src'], want: [src] },
  {
    name: 'unless the owner works there',
    local: owner([src, '/srv/code']),
    asked: ['/srv/code/x'],
    want: ['/srv/code/x'],
  },
  { name: 'home itself, where the owner says so', local: owner([home], true), asked: ['~'], want: [home] },
  { name: 'nothing is nothing', local: owner([src]), asked: [], want: [] },
  {
    name: "a policy for other machines leaves the owner's roots",
    local: owner(['/checkout']),
    asked: ['~/src'],
    want: ['/checkout'],
  },
  { name: 'a NUL is no path', local: owner([src]), asked: ['~/src/\0', '~/src'], want: [src] },
]
for (const { name, local, asked, want } of rootCases)
  test(`roots: ${name}`, () => assert.deepEqual(rootsUnder(local, asked), want))

test("whatever a bundle asks for, nothing outside the owner's roots is opened", () => {
  const part = fc.constantFrom('..', '.', 'src', 'Code', 'x', '~', '/', '')
  const path = fc
    .tuple(fc.constantFrom('~/', '/', '', home), fc.array(part, { maxLength: 6 }))
    .map(([from, parts]) => from + parts.join('/'))
  const ceiling = fc.subarray([src, `${home}/Code`, '/srv/code'], { minLength: 1 })
  fc.assert(
    fc.property(ceiling, fc.array(path, { maxLength: 5 }), (scanRoots, asked) => {
      for (const root of rootsUnder(owner(scanRoots), asked))
        assert.ok(
          scanRoots.some((owned) => isWithin(root, owned)),
          root,
        )
    }),
    { numRuns: 2000 },
  )
})

test('numbers are held to their bounds, and what is left out is the default and not the local value', () => {
  const local = owner([src])
  const { settings } = overlay(
    {
      ...local,
      watch: { ...local.watch, maxFreshScanAgeSeconds: 61 },
      sync: { ...local.sync, checkInIntervalSeconds: 7 },
    },
    bundleOf({
      watch: { pollIntervalSeconds: 0, maxDepth: 99, maxScanWallClockSeconds: -1 },
      sync: { maxBatchEvents: 0, maxBatchBytes: 9e9 },
    }),
  )
  assert.deepEqual(
    [
      settings.watch.pollIntervalSeconds,
      settings.watch.maxDepth,
      settings.watch.maxScanWallClockSeconds,
      settings.watch.maxFreshScanAgeSeconds,
    ],
    [30, 16, 5, 900],
  )
  assert.deepEqual(
    [settings.sync.maxBatchEvents, settings.sync.maxBatchBytes, settings.sync.checkInIntervalSeconds],
    [1, 8_388_608, 7],
  )
})

test('a surface may be as old as two polls before it looks stale, whatever a bundle says', () => {
  const freshFor = (pollIntervalSeconds: number, maxFreshScanAgeSeconds: number) =>
    overlay(owner([src]), bundleOf({ watch: { pollIntervalSeconds, maxFreshScanAgeSeconds } })).settings.watch
      .maxFreshScanAgeSeconds
  assert.deepEqual([freshFor(86_400, 60), freshFor(30, 60), freshFor(60, 9_000)], [172_800, 60, 9_000])
})

test('nothing but watch and batch sizes is taken from a bundle', () => {
  const local = owner([src])
  const { settings } = overlay(
    local,
    bundleOf({
      javascript: { enabled: false },
      sync: { endpoint: 'https://evil', outboxMaxBytes: 1, retryMaxSeconds: 1 },
      ceiling: { scanRoots: ['/'] },
      home: '/',
    }),
  )
  assert.deepEqual(
    { ...settings, watch: null, sync: { ...settings.sync, maxBatchBytes: 0, maxBatchEvents: 0 } },
    { ...local, watch: null, sync: { ...local.sync, maxBatchBytes: 0, maxBatchEvents: 0 } },
  )
})

test("without a bundle the owner's settings stand", () => assert.equal(overlay(defaults, null).settings, defaults))

const refused = [
  { name: 'no JSON', text: '{' },
  { name: 'no object', text: '[]' },
  { name: 'a text for a number', text: '{"watch":{"maxDepth":"5"}}' },
  { name: 'a fraction', text: '{"watch":{"maxDepth":1.5}}' },
  { name: 'null in a list', text: '{"watch":{"projectRoots":[null]}}' },
  { name: 'a rule without an id', text: '{"rules":[{"surface":"homebrew"}]}' },
]
for (const { name, text } of refused)
  test(`a bundle is refused whole: ${name}`, () => assert.equal(readBundle(text).ok, false))

test('a bundle may have keys nobody knows, and null for what is absent', () => {
  const read = readBundle('{"future":1,"watch":{"maxDepth":null,"novel":true},"rules":[]}')
  assert.ok(read.ok)
  assert.equal(read.value.watch.maxDepth, 5)
})
