// Proof that the invented history has no two packages in one place, and that what is sought is in it.
// How it is written is seen in every run, because every search must find something.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createDice } from '../events/dice.ts'
import { choose, contentAt, contents, historyOf, packagesPerLockfile, rankAt } from './shape.ts'

test('the packages of a lockfile ascend, whatever the dice say', () => {
  const rolls = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
    minLength: packagesPerLockfile,
    maxLength: packagesPerLockfile,
  })
  fc.assert(
    fc.property(rolls, (rolled) => {
      const ranks = rolled.map((roll, place) => rankAt(place, roll))
      assert.ok(ranks.every((rank, index) => index === 0 || rank > (ranks[index - 1] as number)))
      assert.ok((ranks.at(-1) as number) < contents)
    }),
  )
})

test('five and fifty million are what they are called', () => {
  assert.equal(historyOf(5).intervals, 5_000_000)
  assert.equal(historyOf(50).intervals, 50_000_000)
})

test('every content has a name and version of its own', () => {
  const all = Array.from({ length: contents }, (_, rank) => contentAt(rank))
  assert.equal(new Set(all.map(({ name, version }) => `${name}@${version}`)).size, contents)
})

test('no name is sought twice', () => {
  assert.equal(new Set(choose(150, createDice(3)).map(({ name }) => name)).size, 150)
})
