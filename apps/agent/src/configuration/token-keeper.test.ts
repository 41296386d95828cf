// One token, two lanes: when it goes, and when it has to stay.
// Cutting it out of a file is tested in configuration.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '@muster/kernel'
import type { Plane } from './schema.ts'
import { createTokenKeeper, type LaneToken } from './token-keeper.ts'

type Step = (lanes: Record<Plane, LaneToken>, token: Secret) => void
const joins =
  (plane: Plane): Step =>
  (lanes) =>
    lanes[plane].spendToken()
const refused =
  (plane: Plane): Step =>
  (lanes, token) =>
    lanes[plane].refuseToken(token)
const earlier =
  (plane: Plane): Step =>
  (lanes) =>
    lanes[plane].refuseToken(new Secret('another'))

const both: readonly Plane[] = ['observe', 'telemetry']
const cases: { name: string; steps: Step[]; planes?: Plane[]; isSpent: boolean }[] = [
  { name: 'one lane has joined, the other still hopes', steps: [joins('observe')], isSpent: false },
  { name: 'both have joined', steps: [joins('observe'), joins('telemetry')], isSpent: true },
  { name: 'one has joined, the other was refused', steps: [refused('observe'), joins('telemetry')], isSpent: true },
  { name: 'both were refused', steps: [refused('observe'), refused('telemetry')], isSpent: false },
  { name: 'one was refused with another token', steps: [earlier('observe'), joins('telemetry')], isSpent: false },
  { name: 'the only lane has joined', steps: [joins('telemetry')], planes: ['telemetry'], isSpent: true },
]
for (const { name, steps, planes = both, isSpent } of cases)
  test(`the token ${isSpent ? 'goes' : 'stays'}: ${name}`, () => {
    const token = new Secret('met_one')
    let spent = false
    const keeper = createTokenKeeper({
      planes,
      read: () => (spent ? null : token),
      spend: () => {
        spent = true
      },
    })
    const lanes = { observe: keeper('observe'), telemetry: keeper('telemetry') }
    for (const step of steps) step(lanes, token)
    assert.equal(spent, isSpent)
  })
