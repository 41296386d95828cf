// Proof that the pace lets in as many as it may, and that nobody holds a place for ever.
// What becomes of sockets is handshakes.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPace } from './pace.ts'

test('there is room until as many are under way as may be, and again when one ends', () => {
  const pace = createPace({ atOnce: 2, stallMs: 1000 })
  assert.equal(pace.roomAtMs(), undefined)
  pace.begin(0)
  assert.equal(pace.hasRoom(0), true)
  pace.begin(5)
  assert.equal(pace.hasRoom(5), false)
  pace.end(false)
  assert.equal(pace.hasRoom(5), true)
})

test('one that stalls gives up its place, the oldest first', () => {
  const pace = createPace({ atOnce: 2, stallMs: 1000 })
  pace.begin(0)
  pace.begin(600)
  assert.equal(pace.roomAtMs(), 1000)
  assert.equal(pace.hasRoom(999), false)
  assert.equal(pace.hasRoom(1000), true)
  assert.equal(pace.roomAtMs(), 1500)
})

test('the more stall, the sooner they give up their places; those that end make up for it', () => {
  const pace = createPace({ atOnce: 1, stallMs: 1000 })
  const stalledMs = (): number => {
    pace.begin(0)
    return pace.roomAtMs() ?? Number.NaN
  }
  for (let round = 0; round < 100; round += 1) assert.equal(pace.hasRoom(stalledMs()), true)
  assert.equal(stalledMs(), 50)
  for (let round = 0; round < 200; round += 1) {
    pace.end(false)
    pace.begin(0)
  }
  assert.equal(pace.roomAtMs(), 1000)
})

test('one that ends after it gave up its place takes nothing away for long', () => {
  const pace = createPace({ atOnce: 1, stallMs: 1000 })
  pace.begin(0)
  assert.equal(pace.hasRoom(1000), true)
  pace.end(false)
  pace.begin(1000)
  assert.equal(pace.hasRoom(1000), false)
  pace.end(false)
  pace.end(false)
  assert.equal(pace.hasRoom(1000), true)
})

test('where many had left or said nothing when their turn came, that is known until another crowd comes', () => {
  const pace = createPace({ atOnce: 1, stallMs: 1000 })
  for (let round = 0; round < 4; round += 1) {
    pace.begin(0)
    pace.end(true)
  }
  for (let round = 0; round < 4; round += 1) {
    assert.equal(pace.hasMetAbsent(), false)
    pace.begin(0)
    pace.hasRoom(1000)
  }
  assert.equal(pace.hasMetAbsent(), true)
  pace.forgetAbsent()
  assert.equal(pace.hasMetAbsent(), false)
})

test('one absent among sixteen is nothing out of the ordinary', () => {
  const pace = createPace({ atOnce: 1, stallMs: 1000 })
  for (let round = 0; round < 1600; round += 1) {
    pace.begin(0)
    pace.end(round % 17 === 0)
    assert.equal(pace.hasMetAbsent(), false)
  }
})
