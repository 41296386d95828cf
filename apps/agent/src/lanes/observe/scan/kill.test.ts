// kill -9 in the middle of each write of a scan: what is on the disk afterwards is the scan before or the scan after,
// and the next scan tells what is missing, once. A batch that is on its way when the agent is killed is tested in lane.test.ts and main.test.ts.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { decodePayload } from '@muster/contract/device'
import { createFakeClock, silentLog } from '@muster/kernel'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import {
  createScripted,
  packageItem as item,
  openStores,
  recipient,
  scratchFolder,
  snapshotOf,
} from '../testing/stores.ts'
import { createScanner } from './scan.ts'

const program = fileURLToPath(new URL('../testing/die-at.ts', import.meta.url))
const { observe } = readConfiguration(null, readMachine({}))

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
    const { signal, stderr } = spawnSync(process.execPath, [program, path, table, write], { encoding: 'utf8' })
    assert.equal(signal, 'SIGKILL', stderr)
    const stores = openStores(path)
    const names = () => [...stores.scans.items('javascriptPackages')].map(({ name }) => name)
    const told = () =>
      stores.outbox.due('dev_1', Date.now(), 99).map(({ payloadBase64, kind, localSequence }) => {
        const read = decodePayload(Buffer.from(payloadBase64, 'base64'))
        assert.ok(read.ok)
        return `${localSequence} ${read.value.body === 'finding' ? 'finding' : `${kind} ${read.value.item.name}`}`
      })
    const before = ['1 added a', '2 added b']
    assert.deepEqual([names(), told(), stores.feed.events(9), stores.feed.findings(9)], [['a', 'b'], before, [], []])
    const scanner = createScanner({
      ...stores,
      clock: createFakeClock(),
      log: silentLog,
      settings: () => observe,
      recipient: () => recipient,
    })
    const now = snapshotOf([item('a', '1', { detail: 'scope=dev' }), item('c', '1')])
    await scanner.scan(createScripted(now), new AbortController().signal)
    assert.deepEqual(told(), [...before, '3 added c', '4 removed b', '5 modified a', '6 finding'])
  })
