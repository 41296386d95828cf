// Proof that what a run of changes comes to is what it would come to one by one.
// That searches find it is proved in exposure/.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { cellsEach, type HoldingChange, netChanges, packChanges } from './decide.ts'

const no = fc.integer({ min: 1, max: 3 })
const change: fc.Arbitrary<HoldingChange> = fc.record({
  contentNo: no,
  deviceNo: no,
  pathNo: no,
  labelNo: fc.oneof(no, fc.constant(2 ** 40)),
  held: fc.boolean(),
})

const nameOf = ({ contentNo, deviceNo, pathNo, labelNo }: HoldingChange): string =>
  [contentNo, deviceNo, pathNo, labelNo].join()

const netOf = (changes: readonly HoldingChange[]): readonly HoldingChange[] =>
  Array.from(netChanges(packChanges(changes)), (start) => changes[start / cellsEach] as HoldingChange)

test('the last change of each place and content counts, once', () =>
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const oneByOne = new Map(changes.map((each) => [nameOf(each), each.held]))
      const net = netOf(changes)
      assert.equal(net.length, oneByOne.size)
      for (const each of net) assert.equal(each.held, oneByOne.get(nameOf(each)))
    }),
  ))

test('changes come in the order of the index, so that neighbours are written together', () =>
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const net = netOf(changes)
      const sorted = net.toSorted(
        (left, right) =>
          left.contentNo - right.contentNo ||
          left.deviceNo - right.deviceNo ||
          left.pathNo - right.pathNo ||
          left.labelNo - right.labelNo,
      )
      assert.deepEqual(net, sorted)
    }),
  ))

test('a content may change in more places than a call takes arguments', () => {
  const places = 200_000
  const cells = Float64Array.from({ length: places * cellsEach }, (_, at) => (at % cellsEach === 1 ? at : 1))
  assert.equal([...netChanges(cells)].length, places)
})

test('a change is packed as its numbers, the content of one that was lost below zero', () => {
  const place = { deviceNo: 2, pathNo: 3, labelNo: 2 ** 40 }
  const packed = packChanges([
    { contentNo: 1, ...place, held: true },
    { contentNo: 5, ...place, held: false },
  ])
  assert.deepEqual([...packed], [1, 2, 3, 2 ** 40, -5, 2, 3, 2 ** 40])
})
