// The table of roles against the contract's own.
// That the server holds to it is tests/wire.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CAPABILITIES, ROLES, roleMay } from '@muster/contract'
import { capabilityWords, roleLines, scopesFor } from './decide-roles.ts'

test('every capability has its words and its line, and the line says who may', () => {
  assert.deepEqual(Object.keys(capabilityWords), [...CAPABILITIES])
  for (const [at, capability] of CAPABILITIES.entries())
    assert.deepEqual(
      [...(roleLines[at]?.who ?? [])],
      ROLES.filter((role) => roleMay(role, capability)),
      capability,
    )
})

test('a token is limited to what its role may do, and always knows itself', () => {
  assert.deepEqual(scopesFor('viewer'), ['fleet:read'])
  assert.equal(scopesFor('owner').length, CAPABILITIES.length - 1)
})
