// Proof on both databases that what is taken away is whole, in order, recorded, and harmless in a spreadsheet.
// The forms themselves are tested in the contract, streams in the http edge.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  AUDIT_CSV,
  createGroup,
  createOperatorToken,
  csvHead,
  csvLines,
  exportAudit,
  listAudit,
} from '@muster/contract'
import { type Client, call, callLines } from '@muster/http'
import { callText } from '@muster/http/client'
import { eachEngine } from '@muster/storage/testing'
import { startTestServer, type TestServer, value } from '../testing/server.ts'

const textOf = async (client: Client, path: string): Promise<string> => {
  const { status, text } = await callText(client, { method: 'GET', path, headers: {}, repeatable: true })
  assert.equal(status, 200, text)
  return text
}

eachEngine((engine) => {
  describe('an export', () => {
    let server: TestServer
    before(async () => {
      server = await startTestServer({ engine })
    })
    after(() => server.close())

    test('of the audit history says in rows what it says in lines, and is recorded with its form', async () => {
      const body = { name: '=cmd|calc;=2', role: 'admin' as const }
      const { token } = await value(call(server.owner, createOperatorToken, { body }))
      await value(call(server.client(token), createGroup, { body: { name: '@all' } }))
      const table = await textOf(server.owner, `${exportAudit.path}?format=csv&from=1`)
      const entries = []
      for await (const entry of await value(callLines(server.owner, exportAudit, { query: {} }))) entries.push(entry)
      const earlier = entries.slice(0, -1)
      assert.equal(table, csvHead(AUDIT_CSV) + earlier.map((entry) => csvLines(AUDIT_CSV, entry)).join(''))
      assert.match(table, /,"'=cmd\|calc;'=2",/)
      assert.doesNotMatch(table, /(?:^|[,;])"?[=+@-]/m)
      const { items } = await value(call(server.owner, listAudit, { query: { action: 'audit.exported' } }))
      assert.deepEqual(
        items.map(({ details }) => details),
        [{}, { format: 'csv', from: '1' }],
      )
    })
  })
})
