// kill -9 in the middle of each write of a scan: what is on the disk afterwards is the scan before or the scan after,
// and the next scan tells what is missing, once. All other writes of the lane are ../deeds.test.ts.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { decodePayload } from '@muster/contract/device'
import { DEEDS, type Deed, doDeed, openWorld } from '../testing/deeds.ts'
import { scratchFolder } from '../testing/stores.ts'

const program = fileURLToPath(new URL('../testing/die-at.ts', import.meta.url))
const deed = 'a scan'

const phases = [
  ['inventory_item', 'insert'],
  ['inventory_item', 'update'],
  ['inventory_item', 'delete'],
  ['finding', 'insert'],
  ['change_event', 'insert'],
  ['surface', 'update'],
  ['outbox_event', 'insert'],
  ['outbox_sequence', 'update'],
] as const

for (const [table, write] of phases)
  test(`killed at an ${write} of ${table}, a scan has not happened, and the next tells everything once`, async () => {
    const path = join(scratchFolder(), 'observe.db')
    const { signal, stderr } = spawnSync(process.execPath, [program, path, deed, table, write], { encoding: 'utf8' })
    assert.equal(signal, 'SIGKILL', stderr)
    const world = openWorld(path, () => {})
    const names = () => [...world.scans.items('javascriptPackages')].map(({ name }) => name)
    const told = () =>
      world.outbox.due('dev_1', Date.now(), 99).map(({ payloadBase64, kind, localSequence }) => {
        const read = decodePayload(Buffer.from(payloadBase64, 'base64'))
        assert.ok(read.ok)
        const { value } = read
        const what = value.body === 'finding' ? `${value.finding.ruleId} ${value.finding.itemName}` : value.item.name
        return `${localSequence} ${kind} ${what}`
      })
    const before = ['1 added a', '2 added b', '3 modified acme.here a', '4 modified acme.here b']
    assert.deepEqual([names(), told(), world.feed.events(9)], [['a', 'b'], before, []])
    await doDeed(world, DEEDS[deed] as Deed)
    assert.deepEqual(names(), ['a', 'c'])
    const changes = ['5 added c', '6 removed b', '7 modified a']
    const findings = ['8 modified acme.new c', '9 modified acme.new a', '10 modified acme.here c']
    assert.deepEqual(told(), [...before, ...changes, ...findings])
  })
