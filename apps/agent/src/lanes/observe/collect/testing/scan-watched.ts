// A program for the fence tests: scans packages, or coding tools, over a home made for the test, and prints what it saw
// and every path it touched for that.
import { noteTouches } from './touches.ts'

const { touches, audited } = noteTouches()
const { createPackageHomeCollectors, createToolHomeCollectors } = await import('./home-collectors.ts')

const [configuration = '', what] = process.argv.slice(2)
const create = what === 'tools' ? createToolHomeCollectors : createPackageHomeCollectors
const never = new AbortController().signal
const snapshots = []
for (const collector of create(configuration)) {
  await collector.isHeavy?.(never)
  snapshots.push({ surface: collector.surface, ...(await collector.collect(never)) })
}
process.stdout.write(JSON.stringify({ snapshots, touches, audited: [...audited] }))
