// Proof of what somebody reads before publishing: what comes, goes and changes, and who gets it.
// What a plan holds is the observe plane's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bundleLines, changeLines, trialLines } from './decide-plan.ts'

const named = (id: string) => ({ id, surface: 'homebrew' })
const left = (findings: number) => ({ findings, rules: [], samples: [] })

test('rules that come, go and change are told before settings', () => {
  const lines = changeLines({
    rules: {
      added: [named('a')],
      removed: [named('b')],
      changed: [{ ...named('c'), parts: ['severity', 'title'] }],
      reordered: true,
    },
    settings: [{ path: '/watch/pollIntervalSeconds', before: 300, after: 60 }],
  })
  assert.deepEqual(
    lines.map(({ sign, name, text }) => `${sign} ${name} ${text}`),
    ['+ a homebrew', '− b homebrew', '~ c homebrew: severity, title', '~ /watch/pollIntervalSeconds 300 becomes 60'],
  )
})

test('each kind of agent is told what it gets', () => {
  const bundle = { capabilitySet: 'base', sha256: '', byteCount: 1234, unchanged: false, devices: 1, droppedRules: [] }
  const dropped = [{ ...named('a'), reason: 'surface' }]
  assert.deepEqual(bundleLines([bundle, { ...bundle, unchanged: true, devices: 2, droppedRules: dropped }]), [
    '1 device of kind base gets 1,234 bytes',
    '2 devices of kind base keep what they have, without 1 rule they do not know',
  ])
})

test('what the rules would find is told, and what they would leave behind only where there is any', () => {
  const recent = { since: '', matches: 1, isCut: false, rules: [], notMade: left(0) }
  const trial = { matches: 3, isCut: true, rules: [], devices: [], orphaned: left(0), recent }
  assert.deepEqual(trialLines(trial), [
    'Its rules find more than 3 items that are there now.',
    'In the last 30 days they would have made 1 finding.',
  ])
  assert.deepEqual(trialLines({ ...trial, orphaned: left(2), recent: { ...recent, notMade: left(1) } }).slice(2), [
    '1 finding of that time would not have been made.',
    '2 open findings would be left without their rule.',
  ])
})
