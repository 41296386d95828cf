// What the doctor says of one matter: how it stands, in a sentence, and what to do about it.
// The matters are in checks/; reading them to somebody is commands/doctor.ts.

export type Standing = 'ok' | 'warn' | 'fail'

export interface DoctorFinding {
  readonly matter: string
  readonly standing: Standing
  readonly says: string
  /** Absent when all is well. */
  readonly fix?: string
}

export const well = (matter: string, says: string): DoctorFinding => ({ matter, standing: 'ok', says })
export const warn = (matter: string, says: string, fix: string): DoctorFinding => ({
  matter,
  standing: 'warn',
  says,
  fix,
})
export const fail = (matter: string, says: string, fix: string): DoctorFinding => ({
  matter,
  standing: 'fail',
  says,
  fix,
})
