// A program for the secrets test: scans as the agent does, and shows all it then knows, its heap included.
// It runs in a process of its own, whose memory has seen nothing but what was scanned.
import { writeHeapSnapshot } from 'node:v8'
import { createLog, systemClock } from '@muster/kernel'
import { readConfiguration } from '../../../../configuration/configuration.ts'
import { readMachine } from '../../../../configuration/machine.ts'
import { createCollectors } from '../../collectors.ts'
import { createScanner } from '../../scan/scan.ts'
import { openStores, recipient } from '../../testing/stores.ts'
import type { Snapshot } from '../snapshot.ts'

const [configuration = '', database = '', heap = ''] = process.argv.slice(2)
const lines: string[] = []
const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } })
const { observe } = readConfiguration(configuration, readMachine())
const stores = openStores(database)
const scanner = createScanner({
  ...stores,
  clock: systemClock,
  log,
  settings: () => observe,
  recipient: () => recipient,
})

const never = new AbortController().signal
const kept: Snapshot[] = []
for (const collector of createCollectors(() => observe)) {
  const snapshot = await collector.collect(never)
  kept.push(snapshot)
  await scanner.scan({ ...collector, collect: async () => snapshot }, never)
}
writeHeapSnapshot(heap)
const items = kept.flatMap((snapshot) => snapshot.items)
const issues = kept.flatMap((snapshot) => snapshot.issues)
process.stdout.write(JSON.stringify({ items, issues, lines, health: stores.scans.health() }))
