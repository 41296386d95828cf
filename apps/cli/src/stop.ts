// How a run of `muster` ends early: one line that says what to do, and the exit code that says what kind of end it was.
// What a server refuses, and with which status, is the contract's table.
import { isRefusalCode, REFUSALS } from '@muster/contract'
import type { Refusal } from '@muster/kernel'

/** `drift` shares its number with wrong usage, as with other tools that plan: neither is a plain success. */
export const EXIT = { ok: 0, failure: 1, usage: 2, drift: 2, auth: 3, notFound: 4, conflict: 5, partial: 8 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Thrown by a command and caught once, in run.ts; its message is for the person at the terminal. */
export class Stop extends Error {
  override readonly name = 'Stop'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

const exitPerStatus: Readonly<Record<number, ExitCode>> = {
  401: EXIT.auth,
  403: EXIT.auth,
  404: EXIT.notFound,
  409: EXIT.conflict,
  412: EXIT.conflict,
}

export const exitOfStatus = (status: number): ExitCode => exitPerStatus[status] ?? EXIT.failure

const advice: Readonly<Record<string, string>> = {
  credential_missing: 'give --token or MUSTER_TOKEN, or add a context with `muster context add`',
  credential_invalid: 'get a new token from an admin (`muster operator create`)',
  role_insufficient: '`muster doctor` shows your role',
  version_stale: 'somebody else changed it meanwhile; run the command again',
  rate_limited: 'wait a minute and run the command again',
  store_busy: 'wait a moment and run the command again',
  shutting_down: 'wait a moment and run the command again',
}

/** A refusal as the end of the run. Codes that a newer server added end as failures. */
export const stopOf = (refusal: Refusal & { readonly status?: number }): Stop => {
  const { code, detail } = refusal
  const rule = isRefusalCode(code) ? REFUSALS[code] : null
  const said = detail ?? rule?.sentence ?? 'The server declined without saying why.'
  // The sentence often names the first wrong field already.
  const others = (refusal.fields ?? []).filter(({ message }) => !said.includes(message))
  const fields = others.map(({ path, message }) => ` ${path === '' ? '' : `${path}: `}${message}.`)
  const hint = advice[code]
  const message = `${said}${fields.join('')} (${code}${hint === undefined ? '' : `; ${hint}`})`
  return new Stop(exitOfStatus(refusal.status ?? rule?.status ?? 500), message)
}
