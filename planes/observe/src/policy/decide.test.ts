// Proof of the pure decisions: when bytes keep their generation, and which policy reaches a device.
// The same through the database is tested in publish.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  type Assigned,
  decideAssignment,
  decideGenerations,
  decidePublishedTo,
  decideReplacement,
  type GenerationInForce,
} from './decide.ts'

const hashA = 'a'.repeat(64)
const hashB = 'b'.repeat(64)
const inForce = new Map([['base', { number: 4, generation: 'g4-aaaaaaaaaaaa', sha256: hashA }]])
const nothing = new Map<string, GenerationInForce>()

const bundle = (capabilitySet: string, sha256: string) => ({ capabilitySet, sha256 })

const generations = [
  { name: 'the first bytes', bundles: [bundle('base', hashA)], now: nothing, last: 0, want: ['new g1-aaaaaaaaaaaa'] },
  { name: 'equal bytes', bundles: [bundle('base', hashA)], now: inForce, last: 7, want: ['kept g4-aaaaaaaaaaaa'] },
  { name: 'other bytes', bundles: [bundle('base', hashB)], now: inForce, last: 7, want: ['new g8-bbbbbbbbbbbb'] },
  {
    name: 'equal bytes in a rollback',
    bundles: [bundle('base', hashA)],
    now: nothing,
    last: 7,
    want: ['new g8-aaaaaaaaaaaa'],
  },
  {
    name: 'each capability set for itself',
    bundles: [bundle('rich', hashA), bundle('base', hashA), bundle('other', hashB)],
    now: inForce,
    last: 7,
    want: ['new g8-aaaaaaaaaaaa', 'kept g4-aaaaaaaaaaaa', 'new g9-bbbbbbbbbbbb'],
  },
]

for (const { name, bundles, now, last, want } of generations)
  test(`generation: ${name}`, () => {
    const verdicts = decideGenerations(bundles, now, last)
    assert.deepEqual(
      verdicts.map(({ kind, generation }) => `${kind} ${generation}`),
      want,
    )
    for (const { number, generation } of verdicts) assert.ok(generation.startsWith(`g${number}-`))
  })

test('generation: no sequence of publications and rollbacks gives one label to two texts', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.boolean())), (publications) => {
      const textOf = new Map<string, string>()
      let last = 0
      let now: ReadonlyMap<string, GenerationInForce> = nothing
      for (const [text, isRollback] of publications) {
        const sha256 = String(text).repeat(64)
        const [verdict] = decideGenerations([bundle('base', sha256)], isRollback ? nothing : now, last)
        assert.ok(verdict !== undefined)
        last = Math.max(last, verdict.number)
        assert.equal(textOf.get(verdict.generation) ?? sha256, sha256)
        textOf.set(verdict.generation, sha256)
        now = new Map([['base', { ...verdict, sha256 }]])
      }
    }),
  )
})

const everybody = 0
const [all, dev, sec] = [100, 101, 102]
const assigned = (groupNo: number, policyNo: number, priority: number): Assigned => ({ groupNo, policyNo, priority })
const fleet = [assigned(everybody, all, 0), assigned(7, dev, 10), assigned(8, sec, 20)]

const devices = [
  { name: 'in no group: the tenant default', among: fleet, groups: [], want: all },
  { name: 'in a group without a policy: the tenant default', among: fleet, groups: [9], want: all },
  { name: 'in one group: its policy', among: fleet, groups: [7], want: dev },
  { name: 'in two groups: the higher priority', among: fleet, groups: [7, 8], want: sec },
  { name: 'no default and no group: none', among: fleet.slice(1), groups: [], want: null },
  { name: 'nothing assigned: none', among: [], groups: [7], want: null },
]

for (const { name, among, groups, want } of devices)
  test(`a device ${name}`, () => {
    assert.equal(decideAssignment(among, groups), want)
    assert.equal(decideAssignment(among.toReversed(), groups.toReversed()), want)
  })

const publications = [
  { name: 'to nobody in particular is the default', groups: [], want: ['7>101@10', '8>102@20', '0>200@0'] },
  { name: 'to a group that had a policy keeps its priority', groups: [7], want: ['0>100@0', '8>102@20', '7>200@10'] },
  {
    name: 'to new groups goes above all',
    groups: [9, 5, 9],
    want: ['0>100@0', '7>101@10', '8>102@20', '9>200@21', '5>200@22'],
  },
]

for (const { name, groups, want } of publications)
  test(`publishing ${name}`, () => {
    const after = decidePublishedTo(fleet, 200, groups)
    assert.deepEqual(
      after.map(({ groupNo, policyNo, priority }) => `${groupNo}>${policyNo}@${priority}`),
      want,
    )
    assert.ok(decideReplacement(after).ok)
  })

const replacements = [
  { name: 'distinct groups and priorities stand', among: fleet, want: 'ok' },
  { name: 'nothing at all stands', among: [], want: 'ok' },
  { name: 'one priority for two groups', among: [assigned(7, dev, 5), assigned(8, sec, 5)], want: 'priority_taken' },
  { name: 'a group on the priority of the default', among: [assigned(7, dev, 0)], want: 'priority_taken' },
  { name: 'two policies for one group', among: [assigned(7, dev, 5), assigned(7, sec, 6)], want: 'request_malformed' },
  { name: 'a default above the groups', among: [assigned(everybody, all, 5)], want: 'request_malformed' },
]

for (const { name, among, want } of replacements)
  test(`assignments: ${name}`, () => {
    const verdict = decideReplacement(among)
    assert.equal(verdict.ok ? 'ok' : verdict.refusal.code, want)
  })
