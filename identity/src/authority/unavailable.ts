// The fault of an authority that cannot sign at the moment: its key is elsewhere, or what holds it does not answer.
// Whoever asked for a certificate may try again; whoever runs the server finds the reason in the log.
import { type Log, type Result, refuse } from '@muster/kernel'

export class AuthorityUnavailable extends Error {
  override readonly name = 'AuthorityUnavailable'
}

/** The answer of work that needs a certificate, or that there is none to be had now. */
export const unlessUnavailable = async <Answer extends Result<unknown, string>>(
  log: Log,
  work: () => Promise<Answer>,
): Promise<Answer | Result<never, 'authority_unavailable'>> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AuthorityUnavailable)) throw error
    log.error('certificates cannot be signed', { err: error })
    return refuse('authority_unavailable')
  }
}
