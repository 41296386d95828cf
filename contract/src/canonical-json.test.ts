// Proof that equal values are spelled equally, with the RFC's own examples and random values.
// What is hashed over these texts is tested where it is hashed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'

const spelled: readonly { name: string; value: unknown; want: string }[] = [
  {
    name: 'members are sorted at every depth',
    value: { b: { d: 1, c: 2 }, a: [] },
    want: '{"a":[],"b":{"c":2,"d":1}}',
  },
  {
    name: 'members are sorted by UTF-16 code units',
    value: { '\ufb33': 1, '😀': 2, '€': 3 },
    want: '{"€":3,"😀":2,"\ufb33":1}',
  },
  { name: 'lists keep their order', value: [3, 1, 2], want: '[3,1,2]' },
  {
    name: 'numbers take their shortest form',
    value: [1e30, 4.5, 2e-3, 1e-27, -0, 333333333.3333333],
    want: '[1e+30,4.5,0.002,1e-27,0,333333333.3333333]',
  },
  { name: 'text escapes only what it must', value: '€$\u000f\nA\'B"\\\\"/', want: '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"' },
  { name: 'the three words', value: [null, true, false], want: '[null,true,false]' },
  { name: 'a member that is undefined is left out', value: { a: undefined, b: 1 }, want: '{"b":1}' },
  {
    name: 'an object without a prototype is an object',
    value: Object.assign(Object.create(null), { a: 1 }),
    want: '{"a":1}',
  },
  { name: 'a member named __proto__ is a member', value: JSON.parse('{"__proto__":1}'), want: '{"__proto__":1}' },
]

for (const { name, value, want } of spelled) test(name, () => assert.equal(canonicalJson(value), want))

const refused: readonly { name: string; value: unknown; says: RegExp }[] = [
  { name: 'NaN is refused', value: { a: [Number.NaN] }, says: /"\/a\/0".*finite/ },
  { name: 'an infinity is refused', value: -Infinity, says: /finite/ },
  { name: 'half a surrogate pair in a text is refused', value: { a: '\ud800' }, says: /"\/a".*surrogate/ },
  { name: 'half a surrogate pair in a name is refused', value: { '\udc00': 1 }, says: /surrogate/ },
  { name: 'undefined in a list is refused', value: [undefined], says: /"\/0".*not a JSON value/ },
  { name: 'a bigint is refused', value: 1n, says: /not a JSON value/ },
  { name: 'a class instance is refused', value: { at: new Date(0) }, says: /"\/at".*not a JSON value/ },
]

for (const { name, value, says } of refused) test(name, () => assert.throws(() => canonicalJson(value), says))

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, entry]) => [key, shuffled(entry)] as const)
      .reverse(),
  )
}

test('the order in which members were set does not show, and the text reads back as the value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value)
      assert.equal(canonicalJson(shuffled(value)), text)
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
    }),
  )
})
