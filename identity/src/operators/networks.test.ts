// Which addresses a network holds, and which networks lie in another, as tables.
// That a token is refused elsewhere is tested in operators.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createNetworks, liesWithin, placeOf } from './networks.ts'

const held: readonly [cidrs: readonly string[], address: string, want: boolean][] = [
  [['10.0.0.0/8'], '10.255.0.1', true],
  [['10.0.0.0/8'], '11.0.0.1', false],
  [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
  [['10.0.0.0/8'], '::ffff:0a01:0203', true],
  [['10.0.0.0/8'], '::ffff:11.1.2.3', false],
  [['10.0.0.7/8'], '10.9.9.9', true],
  [['192.0.2.1/32', '2001:db8::/32'], '192.0.2.1', true],
  [['192.0.2.1/32', '2001:db8::/32'], '192.0.2.2', false],
  [['192.0.2.1/32', '2001:db8::/32'], '2001:db8:ffff::1', true],
  [['192.0.2.1/32', '2001:db8::/32'], '2001:db9::1', false],
  [['::ffff:10.0.0.0/104'], '10.1.1.1', true],
  [['fe80::/10'], 'fe80::1%eth0', true],
  [['0.0.0.0/0'], '2001:db8::1', false],
  [['10.0.0.0/8'], '', false],
  [['10.0.0.0/8'], 'not an address', false],
]
for (const [cidrs, address, want] of held)
  test(`${cidrs.join(', ')} ${want ? 'holds' : 'does not hold'} ${JSON.stringify(address)}`, () =>
    assert.equal(createNetworks(cidrs).holds(address), want))

const places: readonly [address: string, want: string | null][] = [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:c000:0207', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', null],
  ['not an address', null],
  ['192.0.2.7:443', null],
]
for (const [address, want] of places)
  test(`${JSON.stringify(address)} is at ${want}`, () => assert.equal(placeOf(address), want))

const nested: readonly [inner: readonly string[], outer: readonly string[], want: boolean][] = [
  [['10.1.0.0/16'], ['10.0.0.0/8'], true],
  [['10.0.0.0/8'], ['10.0.0.0/8'], true],
  [['10.0.0.0/7'], ['10.0.0.0/8'], false],
  [['10.1.0.0/16', '192.0.2.0/24'], ['10.0.0.0/8'], false],
  [['10.1.0.0/16', '2001:db8:1::/48'], ['10.0.0.0/8', '2001:db8::/32'], true],
  [['10.1.0.0/16'], ['::/0'], false],
]
for (const [inner, outer, want] of nested)
  test(`${inner.join(', ')} ${want ? 'lies' : 'does not lie'} within ${outer.join(', ')}`, () =>
    assert.equal(liesWithin(inner, outer), want))
