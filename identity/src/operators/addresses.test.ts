// The first use of a credential from a new address is on record, once, whatever carries the credential and however often.
// Which part of an address counts is tested in networks.test.ts.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Secret } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import type { Kysely, Transaction } from 'kysely'
import type { Identity } from '../create-identity.ts'
import { by, openTestRoom, type TestRoom, tenantId } from '../room.fixture.ts'
import type { IdentityTables } from '../tables.ts'
import { deleteEndedAddresses, hasAddress } from './address-store.ts'

eachEngine((engine) => {
  let room: TestRoom
  let token: string
  let tokenId: string
  before(async () => {
    room = await openTestRoom(engine)
    token = (await readFile(join(room.dataDir, 'admin-token'), 'utf8')).trim()
    const owner = await use('192.0.2.1')
    tokenId = owner.operatorId
  })
  after(() => room.close())

  const use = async (ip: string, identity: Identity = room.identity, bearer = token) => {
    const operator = await identity.operators.identify(`Bearer ${bearer}`, ip)
    assert.ok(operator.ok)
    return operator.value
  }
  const recorded = (operatorId = tokenId): string[] =>
    room.audit
      .filter(({ action, target }) => action === 'operator_token.used_from_new_address' && target.id === operatorId)
      .map(({ actor, details }) => `${actor.type} at ${actor.ip} in ${String(details['address'])}`)

  test('the first use of a token is on record with its address before it is answered', () =>
    assert.deepEqual(recorded(), ['operator at 192.0.2.1 in 192.0.2.1']))

  test('a new address is on record once, however many requests and servers hear it at the same time', async () => {
    const before = recorded().length
    const other = await room.another()
    await Promise.all(
      Array.from({ length: 40 }, (_, at) => use('192.0.2.2', at % 2 === 0 ? room.identity : other.identity)),
    )
    assert.deepEqual(recorded().slice(before), ['operator at 192.0.2.2 in 192.0.2.2'])
  })

  test('a restart forgets no address, and a dual-stack socket makes none of it new', async () => {
    const before = recorded().length
    const restarted = await room.another()
    await use('192.0.2.1', restarted.identity)
    await use('::ffff:192.0.2.1', restarted.identity)
    assert.deepEqual(recorded().slice(before), [])
  })

  test('hosts of one IPv6 network are at one address', async () => {
    const before = recorded().length
    await use('2001:db8:1:2::7')
    await use('2001:db8:1:2:aaaa::9')
    await use('2001:db8:1:3::7')
    assert.deepEqual(recorded().slice(before), [
      'operator at 2001:db8:1:2::7 in 2001:db8:1:2::/64',
      'operator at 2001:db8:1:3::7 in 2001:db8:1:3::/64',
    ])
  })

  test('a session that moves to another address is on record as its token is', async () => {
    const before = recorded().length
    const { sessions } = room.identity
    const opened = await sessions.open(token, { ip: '192.0.2.1', requestId: 'req_session' })
    assert.ok(opened.ok)
    const cookie = opened.value.cookie.reveal()
    assert.ok((await sessions.identify(cookie, '192.0.2.1')).ok)
    assert.ok((await sessions.identify(cookie, '198.51.100.4')).ok)
    assert.ok((await sessions.identify(cookie, '198.51.100.4')).ok)
    assert.deepEqual(recorded().slice(before), ['operator at 198.51.100.4 in 198.51.100.4'])
  })

  test('credentials that are not in the database are told of as well, one for each whom they name', async () => {
    const { identity } = await room.another({ operatorAuth: { kind: 'static', token: new Secret('a-static-token') } })
    await use('192.0.2.1', identity, 'a-static-token')
    await use('192.0.2.1', identity, 'a-static-token')
    assert.deepEqual(recorded('static-token'), ['operator at 192.0.2.1 in 192.0.2.1'])
  })

  test('a refused credential leaves no address behind', async () => {
    const before = room.audit.length
    assert.ok(!(await room.identity.operators.identify(`Bearer ${token.slice(0, -1)}!`, '203.0.113.9')).ok)
    assert.ok(!room.audit.slice(before).some(({ action }) => action === 'operator_token.used_from_new_address'))
  })

  test('an operator is let in while nothing can be recorded, and on record as soon as something can', async () => {
    const before = recorded().length
    let isFull = true
    const { identity } = await room.another({
      async audit(_tx, statements) {
        if (isFull) throw new Error('no space left')
        room.audit.push(...statements)
      },
    })
    await use('203.0.113.1', identity)
    assert.deepEqual(recorded().slice(before), [])
    isFull = false
    await use('203.0.113.1', identity)
    assert.deepEqual(recorded().slice(before), ['operator at 203.0.113.1 in 203.0.113.1'])
  })

  test('the addresses of a token that opens nothing any more are forgotten, those of others are not', async () => {
    const owner = await use('192.0.2.1')
    const made = await room.identity.operators.createToken(by, owner, { name: 'brief', role: 'viewer' })
    assert.ok(made.ok)
    const { id } = made.value
    await use('192.0.2.9', room.identity, made.value.token)
    const db = room.storage.quick as Kysely<IdentityTables>
    assert.deepEqual([await hasAddress(db, tenantId, id, '192.0.2.9')], [true])
    await room.identity.operators.revokeToken(by, owner, id)
    await room.storage.write((tx: Transaction<IdentityTables>) => deleteEndedAddresses(tx, room.clock.nowMs()))
    assert.deepEqual([await hasAddress(db, tenantId, id, '192.0.2.9')], [false])
    assert.deepEqual([await hasAddress(db, tenantId, tokenId, '192.0.2.1')], [true])
  })

  test('two tokens at one address are two first uses', async () => {
    const made = await room.identity.operators.createToken(by, await use('192.0.2.1'), {
      name: 'other',
      role: 'viewer',
    })
    assert.ok(made.ok)
    await use('192.0.2.1', room.identity, made.value.token)
    assert.deepEqual(recorded(made.value.id), ['operator at 192.0.2.1 in 192.0.2.1'])
  })
})
