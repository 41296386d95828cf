// A program for the tests of what an account may not read: scans the homes whose configurations it is given, as an
// account that owns nothing where the test runs as root, and prints what each surface saw, and what with each budget spent.
import type { Snapshot } from '../snapshot.ts'
import { createHomeCollectors, createWalkingCollectors, spentBudgets } from './home-collectors.ts'

const nobody = 65_534

// Everything is loaded by now: the account may not be able to read this checkout.
if (process.getuid?.() === 0) {
  process.setgroups?.([])
  process.setgid?.(nobody)
  process.setuid?.(nobody)
}

const never = new AbortController().signal
const seen: Record<string, Snapshot>[] = []
for (const configuration of process.argv.slice(2)) {
  const snapshots: Record<string, Snapshot> = {}
  for (const { surface, collect } of createHomeCollectors(configuration)) snapshots[surface] = await collect(never)
  for (const [of, spent] of Object.entries(spentBudgets))
    for (const { surface, collect } of createWalkingCollectors(configuration, spent))
      snapshots[`${surface} without ${of}`] = await collect(never)
  seen.push(snapshots)
}
process.stdout.write(JSON.stringify(seen))
