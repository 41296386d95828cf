// How much is enough: thresholds of space, time and versions. Pure: measurements in, findings out.
// Measuring is examine.ts.
import { type DoctorFinding, fail, warn, well } from './finding.ts'

const mib = 1024 * 1024
const dayMs = 24 * 3600 * 1000

export const neededNode = 26

export const judgeNode = (version: string): DoctorFinding =>
  Number(version.split('.')[0]) >= neededNode
    ? well('node', version)
    : fail(
        'node',
        `${version} is too old`,
        `run it on Node ${neededNode}, as npm run and the commands of the checkout do`,
      )

export const judgeSpace = (freeBytes: number): DoctorFinding => {
  const says = `${Math.floor(freeBytes / mib)} MiB free`
  const fix = 'make room on the disk of the data folder, or move it with backup and restore'
  if (freeBytes < 128 * mib) return fail('disk', says, fix)
  return freeBytes < 1024 * mib ? warn('disk', says, fix) : well('disk', says)
}

/** A certificate's end, as seen today. */
export const judgeExpiry = (matter: string, expiresMs: number, nowMs: number, fix: string): DoctorFinding => {
  const days = Math.floor((expiresMs - nowMs) / dayMs)
  if (days < 0) return fail(matter, `expired ${-days} days ago`, fix)
  return days < 30 ? warn(matter, `expires in ${days} days`, fix) : well(matter, `good for ${days} days`)
}

/** The program is younger than any right clock, and so is what the server wrote last. */
export const judgeClock = (nowMs: number, newestFileMs: number): DoctorFinding => {
  const fix = 'set the clock; certificates and retention depend on it'
  if (nowMs < Date.UTC(2026, 0)) return fail('clock', `it says ${new Date(nowMs).toISOString()}`, fix)
  if (newestFileMs - nowMs > 60_000) return fail('clock', 'it is behind the newest file of the data folder', fix)
  return well('clock', new Date(nowMs).toISOString())
}
