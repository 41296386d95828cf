// Reads the enrolment token where the owner put it, and takes it away from there once it has served.
// Cutting it out of a file's text is without-token.ts; a token that cannot be taken away is told, not fatal.
import { readFileSync, rmSync, statSync } from 'node:fs'
import { type Log, Secret } from '@muster/kernel'
import { readIfThere, writeWhole } from '../folder/private-file.ts'
import { PlainFault, reasonOf } from '../plain-fault.ts'
import type { AgentConfiguration } from './configuration.ts'
import { withoutToken } from './without-token.ts'

/** The token, or null when there is none; a token file that is not there counts as spent. */
export const readToken = ({ enrollmentToken, enrollmentTokenFile }: AgentConfiguration): Secret | null => {
  if (enrollmentTokenFile === null) return enrollmentToken
  try {
    const text = readIfThere(enrollmentTokenFile)?.trim() ?? ''
    return text === '' ? null : new Secret(text)
  } catch (cause) {
    const why = reasonOf((cause as Error).cause)
    throw new PlainFault(`enrollmentTokenFile ${enrollmentTokenFile}: cannot be read: ${why}`, 2, { cause })
  }
}

/** Rewrites the file without the token, comments and all other lines kept; deletes a token file (ARCHITECTURE 3). */
export const spendToken = (configuration: AgentConfiguration, log: Log): void => {
  const { file, enrollmentToken, enrollmentTokenFile, isTokenImported } = configuration
  try {
    if (enrollmentTokenFile !== null) rmSync(enrollmentTokenFile, { force: true })
    // An imported file keeps its token, as it does with the agent it was written for.
    if (file === null || enrollmentToken === null || isTokenImported) return
    const left = withoutToken(file, readFileSync(file, 'utf8'))
    if (left === null)
      log.warn('enrolment token could not be cut out of the file; delete it there', { 'file.path': file })
    else writeWhole(file, left, statSync(file).mode & 0o777)
  } catch (err) {
    log.warn('enrolment token could not be removed; delete it by hand', { err })
  }
}
