// From bytes to checked values, as tables and properties; that listeners do so is tested with them.
// No sockets here.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { declare } from '@muster/contract'
import * as fc from 'fast-check'
import { z } from 'zod'
import { admitBody, checkShape, decodeJson, isEncoded } from './admit.ts'

const route = declare({
  method: 'POST',
  path: '/a',
  summary: '',
  speaker: 'anyone',
  body: z.looseObject({ n: z.int() }),
  reply: z.unknown(),
  refusals: [],
})

const inPieces = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const edges = [
    0,
    ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((left, right) => left - right),
    bytes.length,
  ]
  return edges.slice(1).map((edge, at) => bytes.subarray(edges[at], edge))
}

suite('admit', () => {
  test('however a body is cut into pieces, it reads the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.nat(), { maxLength: 5 }), (value, cuts) => {
        const bytes = Buffer.from(JSON.stringify({ n: 1, value }))
        const admitted = admitBody(route, inPieces(bytes, cuts), bytes.length)
        assert.ok(admitted.ok)
        assert.deepEqual(admitted.value, JSON.parse(bytes.toString()))
      }),
    )
  })
  test('whatever the bytes, the answer is a value or a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const decoded = decodeJson(Buffer.from(bytes))
        assert.ok(decoded.ok || decoded.refusal.code === 'request_malformed')
      }),
    )
  })
  test('a body for bytes is a copy that owns its buffer', () => {
    const shared = Buffer.from('abcdef')
    const admitted = admitBody({ ...route, bodyForm: 'bytes' }, [shared.subarray(1, 3), shared.subarray(3, 5)], 4)
    assert.ok(admitted.ok && admitted.value instanceof Uint8Array)
    assert.deepEqual([Buffer.from(admitted.value).toString(), admitted.value.buffer.byteLength], ['bcde', 4])
  })
  test('a route without a body ignores what was sent', () => {
    const { body: _body, ...bare } = route
    assert.deepEqual(admitBody(bare, [Buffer.from('{')], 1), { ok: true, value: undefined })
  })
  test('faults are named one by one, and no more than twenty', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`k${at}`, z.int()]))
    const checked = checkShape(z.strictObject(many), 'body', {})
    assert.ok(!checked.ok)
    assert.equal(checked.refusal.fields?.length, 20)
    assert.equal(checked.refusal.fields[0]?.path, 'body.k0')
  })
  test('a refusal never repeats the value that was refused', () => {
    const checked = checkShape(z.strictObject({ token: z.string().regex(/^met_/) }), 'body', { token: 'hunter2' })
    assert.doesNotMatch(JSON.stringify(checked), /hunter2/)
  })
  test('a key named __proto__ is data and nothing else', () => {
    const admitted = admitBody(route, [Buffer.from('{"n":1,"__proto__":{"admin":true}}')], 0)
    assert.ok(admitted.ok)
    assert.equal((admitted.value as { admin?: boolean }).admin, undefined)
  })
  const encodings: readonly [string | undefined, boolean][] = [
    [undefined, false],
    ['', false],
    ['identity', false],
    ['Identity', false],
    ['gzip', true],
    ['identity, gzip', true],
  ]
  for (const [encoding, want] of encodings)
    test(`a content encoding of ${encoding} ${want ? 'is' : 'is not'} one`, () =>
      assert.equal(isEncoded(encoding === undefined ? {} : { 'content-encoding': encoding }), want))
})
