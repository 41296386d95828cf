// Colour as a hint beside the words, never instead of them.
// Whether colour is wanted is decided once a run, from NO_COLOR and the terminal.
import { styleText } from 'node:util'

export type Tone = 'good' | 'warn' | 'bad' | 'quiet' | 'strong'

const styles = { good: 'green', warn: 'yellow', bad: 'red', quiet: 'gray', strong: 'bold' } as const

export type Paint = (tone: Tone | undefined, text: string) => string

export const createPaint =
  (isColoured: boolean): Paint =>
  (tone, text) =>
    isColoured && tone !== undefined && text !== '' ? styleText(styles[tone], text, { validateStream: false }) : text

/** https://no-color.org: any value that is not empty; a dumb terminal and a pipe get none either. */
export const wantsColour = (env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean =>
  isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'

const tones: Readonly<Record<string, Tone>> = {
  online: 'good',
  idle: 'warn',
  offline: 'bad',
  dormant: 'quiet',
  active: 'good',
  revoked: 'bad',
  expired: 'quiet',
  exhausted: 'quiet',
  retired: 'quiet',
  merged: 'quiet',
  current: 'good',
  pending: 'warn',
  refused: 'bad',
  failed: 'bad',
  published: 'good',
  critical: 'bad',
  suspicious: 'warn',
  present: 'bad',
  present_unconfirmed: 'bad',
  past: 'warn',
  unknown: 'warn',
  not_observed: 'good',
  ok: 'good',
  warn: 'warn',
  fail: 'bad',
  added: 'good',
  removed: 'bad',
  modified: 'warn',
}

/** The tone of one of the contract's own words, such as a liveness, a severity or a verdict. */
export const toneOf = (word: string): Tone | undefined => tones[word]
