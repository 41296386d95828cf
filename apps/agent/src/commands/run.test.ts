// What `muster-agent run` makes of a configuration that has outgrown its limit, while it runs and when it starts.
// Other edits are main.test.ts, other ways to break a file configuration/beginnings.test.ts.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { truncateSync } from 'node:fs'
import { test } from 'node:test'
import { launch, place, runToEnd, textOf, untilSaid } from '../program/testing/agent-program.ts'

test('a file that has outgrown the limit leaves the last good one in force, while the agent runs and at its next start', async () => {
  const { config, lock } = place()
  const first = launch(['run', '--config', config])
  const said = textOf(first)
  await untilSaid(first, said, /agent ready/)
  // More than one text can hold: whoever read it would fail in other words.
  truncateSync(config, 3_000_000_000)
  await untilSaid(first, said, /the last good one stays in force/)
  assert.match(said.err, /agent\.yaml: has 3000000000 bytes; 1000000 is the most/)
  lock({ a: '1.0.0', b: '2.0.0' })
  await untilSaid(first, said, /surface scanned[^]*surface scanned/)
  first.kill('SIGTERM')
  assert.deepEqual(await once(first, 'close'), [0, null])

  const second = launch(['run', '--config', config])
  const saidAgain = textOf(second)
  await untilSaid(second, saidAgain, /agent ready/)
  assert.match(saidAgain.err, /has 3000000000 bytes; 1000000 is the most[^\n]*the last good one stays in force/)
  const status = JSON.parse((await runToEnd(['status', '--json', '--config', config])).out)
  assert.match(status.configurationFault, /has 3000000000 bytes; 1000000 is the most/)
  assert.equal(status.surfaces[0].itemCount, 2)
  second.kill('SIGTERM')
  assert.deepEqual(await once(second, 'close'), [0, null])
})
