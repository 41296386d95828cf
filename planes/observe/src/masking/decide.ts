// What devices said, without what only some may read: names of users, what stands after `?` and before `@` in addresses,
// and what looks like a secret (fleet-product 3.1, 8.8; sensor-protocol 16.4). Pure, and linear in the length of the text.
// Which parts of a reply are such texts is mask.ts; who reads them as they came is the contract's roles.

export const masked = '***'

/** Stands before a secret, at the end of what comes before it. */
const beforeSecret =
  /(?:key|token|secret|passw(?:or)?d|passphrase|credential|auth|bearer|session|cookie)[\w-]{0,16}["']?[\s=:]{1,4}["']?$/i
const longestBefore = 48

/** Of no known use but as a credential, whatever stands before them. */
const known = /^(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|sk-|sk_live_|AKIA|eyJ[\w-]+\.eyJ|npm_|mot_|met_)/

const maskRuns = (text: string): string =>
  text.replace(/[\w+/.-]{16,}={0,2}/g, (run, at: number) =>
    known.test(run) || beforeSecret.test(text.slice(Math.max(0, at - longestBefore), at)) ? masked : run,
  )

/** What follows `://`, to the end of the address. */
const maskAddress = (rest: string): string => {
  const end = rest.search(/[/?#]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  const at = authority.lastIndexOf('@')
  const place = end === -1 ? '' : rest.slice(end)
  const query = place.indexOf('?')
  return `${at === -1 ? authority : `${masked}${authority.slice(at)}`}${query === -1 ? place : `${place.slice(0, query)}?${masked}`}`
}

const maskAddresses = (text: string): string =>
  text.replace(/:\/\/([^\s"'`<>\\|]+)/g, (_, rest: string) => `://${maskAddress(rest)}`)

/** A name may hold spaces where more of a path follows it. */
const maskHomes = (text: string): string =>
  text.replace(/([/\\](?:home|Users)[/\\]+)([^/\\"':\n]{1,64}(?=[/\\])|[^/\\\s"':]+)/gi, `$1${masked}`)

/** Applied twice, it changes nothing more. */
export const maskText = (text: string): string => maskRuns(maskAddresses(maskHomes(text)))
