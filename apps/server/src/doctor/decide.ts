// How much is enough: thresholds of space, time and versions. Pure: measurements in, findings out.
// Measuring is examine.ts.
import type { WallStanding } from '@muster/storage'
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

/** Of PostgreSQL: who keeps the tenants apart besides our queries. */
export const judgeWall = ({ role, stands, missing, ownedByAnother }: WallStanding): DoctorFinding => {
  const matter = 'tenants'
  if (ownedByAnother)
    return fail(matter, 'the tables belong to another user', 'name the user that owns the database in --db')
  if (missing.length > 0) {
    const fix = `say as an administrator of PostgreSQL, and start the server again: ${missing.join('; ')}`
    return warn(matter, 'only queries keep them apart', fix)
  }
  return well(matter, stands ? `kept apart by the role ${role}` : `the next start makes the role ${role}`)
}

/** The program is younger than any right clock, and so is what the server wrote last. */
export const judgeClock = (nowMs: number, newestFileMs: number): DoctorFinding => {
  const fix = 'set the clock; certificates and retention depend on it'
  if (nowMs < Date.UTC(2026, 0)) return fail('clock', `it says ${new Date(nowMs).toISOString()}`, fix)
  if (newestFileMs - nowMs > 60_000) return fail('clock', 'it is behind the newest file of the data folder', fix)
  return well('clock', new Date(nowMs).toISOString())
}
