// Words of an address as values: what is not understood is left out, so that an old link still shows a page; pure.
// Which words there are is said by the decide.ts of each page.
export type Words = Readonly<Record<string, unknown>>

const mostLetters = 128

export const oneOf = <Word extends string>(said: unknown, words: readonly Word[]): Word | undefined =>
  words.find((word) => word === said)

/** Without the space around it; nothing at all is undefined. */
export const textOf = (said: unknown, most = mostLetters): string | undefined => {
  const text = typeof said === 'string' ? said.trim().slice(0, most) : ''
  return text === '' ? undefined : text
}

/** As the API writes moments. */
export const momentOf = (said: unknown): string | undefined => {
  const atMs = typeof said === 'string' ? Date.parse(said) : Number.NaN
  return Number.isNaN(atMs) ? undefined : new Date(atMs).toISOString()
}

/** Without the members that were not said. */
export const withoutUnsaid = <T extends object>(view: { [Key in keyof T]: T[Key] | undefined }): T =>
  Object.fromEntries(Object.entries(view).filter(([, value]) => value !== undefined)) as T

/** Words as the choices of a list, each under its own name. */
export const pairs = <Word extends string>(words: readonly Word[]): readonly (readonly [Word, string])[] =>
  words.map((word) => [word, word.replaceAll('_', ' ')] as const)
