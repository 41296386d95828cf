// What somebody has to do where the server does not let this device in, for nothing that the device does helps.
// When it asks again all the same is decide.ts.

interface Unwelcome {
  readonly message: string
  readonly remedy: string
}

const enrolAnew: Unwelcome = {
  message: 'server does not accept this device until it is reset and enrolled again',
  remedy: 'run: muster-agent reset, then enrol again with a new token',
}

const unwelcome: Readonly<Record<string, Unwelcome>> = {
  certificate_expired: enrolAnew,
  certificate_untrusted: enrolAnew,
  device_not_active: {
    message: 'server does not accept this device until an operator reactivates it',
    remedy:
      'an operator revoked or retired this device and can reactivate it; what is found meanwhile waits to be sent',
  },
}

/** For the log. */
export const messageFor = (code: string): string => unwelcome[code]?.message ?? 'server does not accept this device'

/** As it is kept for `status` and `doctor`. */
export const faultOf = (code: string): string => {
  const known = unwelcome[code]
  return known === undefined ? code : `${code}; ${known.remedy}`
}
