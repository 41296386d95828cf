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
  exportInventory,
  listAudit,
  SEARCH_CSV,
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

    test('of a search is for those who may search, in both forms, and each is recorded', async () => {
      const { path } = exportInventory
      const asked = { query: {}, body: { q: 'axios' } }
      const refused = await callLines(server.client(await server.tokenOf('viewer')), exportInventory, asked)
      assert.equal(!refused.ok && refused.refusal.code, 'role_insufficient')
      const analyst = server.client(await server.tokenOf('analyst'))
      const lines = []
      for await (const line of await value(callLines(analyst, exportInventory, asked))) lines.push(line.record)
      assert.deepEqual(lines, ['answer'], 'a fleet without devices')
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify(asked.body)
      const sent = { method: 'POST', path: `${path}?format=csv`, headers, body, repeatable: true } as const
      assert.deepEqual(await callText(analyst, sent), { status: 200, text: csvHead(SEARCH_CSV) })
      const { items } = await value(call(server.owner, listAudit, { query: { action: 'inventory.exported' } }))
      assert.deepEqual(
        items.map(({ details }) => [details['format'], details['asked']]),
        [
          ['csv', { q: 'axios' }],
          [undefined, { q: 'axios' }],
        ],
      )
      const paged = await callText(analyst, { ...sent, body: JSON.stringify({ q: 'axios', limit: 5 }) })
      assert.equal(paged.status, 400, 'an export has no pages')
    })
  })
})
