// A program for the fence test of packages: scans all of them, with dpkg, apt and RPM where the test put them, and prints
// what it saw and every path it touched for that.
import { noteTouches } from './touches.ts'

const { touches, audited } = noteTouches()
const { createPackageHomeCollectors } = await import('./home-collectors.ts')

const [configuration = ''] = process.argv.slice(2)
const never = new AbortController().signal
const snapshots = []
for (const collector of createPackageHomeCollectors(configuration)) {
  await collector.isHeavy?.(never)
  snapshots.push({ surface: collector.surface, ...(await collector.collect(never)) })
}
process.stdout.write(JSON.stringify({ snapshots, touches, audited: [...audited] }))
