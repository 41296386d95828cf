// The words `npm run up` prints: where things are, and what to type next.
// It only lays out text.
import { relative, sep } from 'node:path'

const labelWidth = 11

export const line = (label: string, text: string): string => `  ${label.padEnd(labelWidth)}${text}`

/** A path as one would type it in the checkout. */
export const typed = (root: string, path: string): string => {
  const below = relative(root, path)
  return below.startsWith('..') || below === '' ? path : `.${sep}${below}`
}

export interface Facts {
  readonly apiUrl: string
  readonly gatewayUrl: string
  readonly tokenFile: string
  readonly logFile: string
  /** What to put between `muster` and a verb, when the command line tool would look elsewhere by itself. */
  readonly flags: string
}

export const readyText = ({ apiUrl, gatewayUrl, tokenFile, logFile, flags }: Facts): string =>
  [
    '',
    'Muster is running.',
    '',
    line('Dashboard', `${apiUrl}/   (sign in with the token below)`),
    line('API', `${apiUrl}/api/fleet/v1   (described at ${apiUrl}/openapi.json)`),
    line('Gateway', `${gatewayUrl}   (for devices)`),
    line('Token', `${tokenFile}   (full rights; keep it to yourself)`),
    line('Log', logFile),
    '',
    '  In another terminal:',
    '',
    `    npx muster${flags} device list`,
    `    npx muster${flags} search zod`,
    `    npx muster${flags} help`,
    '',
    '  Ctrl-C stops all of it; the data stays.',
    '',
  ].join('\n')

export const count = (number: number, noun: string, atLeast = false): string =>
  `${atLeast ? 'at least ' : ''}${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
