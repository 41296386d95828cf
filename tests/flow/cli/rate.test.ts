// A command that asks more often than a token may: it waits for its turn and ends as if nothing had been.
// Which replies are waited for is proved beside the command line's own code.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTerminal } from '@muster/cli/testing'
import { listGroups } from '@muster/contract'
import { call } from '@muster/http'
import { createFakeClock } from '@muster/kernel'
import { startTestServer } from '@muster/server/testing'

test('a command waits while its token has used up its requests', async () => {
  const clock = createFakeClock(Date.now())
  const server = await startTestServer({ clock })
  try {
    const token = await server.tokenOf('viewer')
    const spender = server.client(token)
    for (let asked = await call(spender, listGroups, { query: {} }); asked.ok; )
      asked = await call(spender, listGroups, { query: {} })
    const waited: number[] = []
    const terminal = createTerminal({
      env: { MUSTER_URL: server.api.url, MUSTER_TOKEN: token },
      clock,
      wait: async (waitMs) => {
        waited.push(waitMs)
        clock.advance(waitMs)
      },
    })
    assert.deepEqual((await terminal.json('device', 'list')).items, [])
    assert.deepEqual(waited, [1000])
  } finally {
    await server.close()
  }
})
