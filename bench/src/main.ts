// `npm run bench`: measures a real server beside the bare machine and prints what came out.
// What is measured is cases/; this chooses, waits, shows, and leaves nothing behind.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runCheckIn } from './cases/check-in.ts'
import { createGround } from './cases/ground.ts'
import { runLargeSync, runSmallSync } from './cases/sync.ts'
import { pinSelf } from './harness/processes.ts'
import { checkout, openScratch } from './harness/scratch.ts'

const { values } = parseArgs({
  options: { case: { type: 'string', multiple: true }, seconds: { type: 'string' }, profile: { type: 'boolean' } },
})
pinSelf()
const scratch = openScratch(join(checkout, '.cache'))
process.on('exit', () => scratch.remove())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
const seconds = Number(values.seconds ?? 5)
const cases = { 'check-in': runCheckIn, 'sync-500': runLargeSync, 'sync-10': runSmallSync } as const
for (const name of values.case ?? Object.keys(cases)) {
  const ground = createGround(
    {
      scratch,
      profiles: values.profile ?? false,
      tell: (what) => console.error(what),
      scale: {
        seconds,
        warmUpSeconds: 1,
        checkInConnections: 128,
        largeSyncConnections: 32,
        smallSyncConnections: 256,
        reconnecting: 500,
        idle: 500,
        intervals: [],
        searches: 20,
      },
    },
    257,
  )
  console.dir(await cases[name as keyof typeof cases](ground), { depth: 5 })
}
process.exit(0)
