// The orders of Linux package managers, held against what their own tools answer.
// The pairs are those that dpkg and rpm document or decide in their own tests.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Compare, compareDebian, compareRpm } from './system-versions.ts'

type Pair = readonly [left: string, order: '<' | '=' | '>', right: string]

const debian: readonly Pair[] = [
  ['1.0', '<', '1.1'],
  ['1.9', '<', '1.10'],
  ['1.0~rc1', '<', '1.0'],
  ['1.0~~', '<', '1.0~'],
  ['1.0~', '<', '1.0'],
  ['1.0', '<', '1.0a'],
  ['1.0a', '<', '1.0+'],
  ['1.0-1', '<', '1.0-1+deb12u1'],
  ['3.0.11-1~deb12u2', '<', '3.0.11-1'],
  ['1:0.9', '>', '2.0'],
  ['0:1.0', '=', '1.0'],
  ['1.0', '=', '1.0-0'],
  ['1.0-1', '>', '1.0'],
  ['1.01', '=', '1.1'],
  ['2.36-9+deb12u4', '<', '2.36-9+deb12u10'],
  ['1.0-2-1', '<', '1.0-2-2'],
  ['5.0.0~alpha', '<', '5.0.0~beta'],
]

const rpm: readonly Pair[] = [
  ['1.0', '=', '1.0'],
  ['1.0', '<', '2.0'],
  ['2.0.1', '>', '2.0'],
  ['2.0.1a', '>', '2.0.1'],
  ['5.5p1', '<', '5.5p10'],
  ['10xyz', '<', '10.1xyz'],
  ['xyz10', '<', 'xyz10.1'],
  ['xyz.4', '<', '8'],
  ['5.5p2', '<', '5.6p1'],
  ['6.0.rc1', '>', '6.0'],
  ['10b2', '>', '10a1'],
  ['1.0aa', '>', '1.0a'],
  ['10.0001', '=', '10.1'],
  ['4.999.9', '<', '5.0'],
  ['2_0', '=', '2.0'],
  ['1.0~rc1', '<', '1.0'],
  ['1.0~rc1', '<', '1.0~rc2'],
  ['1.0~rc1~git123', '<', '1.0~rc1'],
  ['1.0^', '>', '1.0'],
  ['1.0^git1', '<', '1.0.1'],
  ['1.0^git1', '<', '1.0^git2'],
  ['1.0^git1~pre', '<', '1.0^git1'],
  ['2:1.0-1', '>', '3.0-1'],
  ['1.0-1.el9', '<', '1.0-2.el9'],
  ['1.0-1.el9', '=', '1.0'],
]

const orderOf = (compare: Compare, left: string, right: string): string => {
  const order = compare(left, right)
  return order < 0 ? '<' : order > 0 ? '>' : '='
}

const mirrored = { '<': '>', '=': '=', '>': '<' } as const

for (const [name, compare, pairs] of [
  ['dpkg', compareDebian, debian],
  ['rpm', compareRpm, rpm],
] as const) {
  for (const [left, order, right] of pairs)
    test(`${name}: ${left} ${order} ${right}`, () => {
      assert.equal(orderOf(compare, left, right), order)
      assert.equal(orderOf(compare, right, left), mirrored[order])
    })

  test(`${name}: whatever two versions are, their order turned round is the opposite`, () => {
    const version = fc.stringMatching(/^[0-9a-z.~^:+_-]{0,10}$/)
    fc.assert(
      fc.property(version, version, (left, right) => {
        assert.equal(orderOf(compare, left, right), mirrored[orderOf(compare, right, left) as '<' | '=' | '>'])
        assert.equal(compare(left, left), 0)
      }),
    )
  })
}
