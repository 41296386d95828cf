// Texts of devices are hostile until shown to be harmless: what is invisible or turns the line around is made visible.
// Only how a text reads is decided here; nothing of it is ever markup.

/** A stretch of a text: as it is, or one character that would not be seen, by its code. */
export type Stretch = { readonly text: string } | { readonly code: number }

// Controls, formats, separators of lines, and whatever else has no look of its own; a line break and a tab have theirs, and
// selectors of a glyph belong to the character before them.
const unseen = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]--[\n\t]--\p{Variation_Selector}]/v

/** In order; the empty text has none. */
export const stretchesOf = (text: string): readonly Stretch[] => {
  const stretches: Stretch[] = []
  let rest = text.toWellFormed()
  for (let found = unseen.exec(rest); found !== null; found = unseen.exec(rest)) {
    if (found.index > 0) stretches.push({ text: rest.slice(0, found.index) })
    stretches.push({ code: found[0].codePointAt(0) ?? 0 })
    rest = rest.slice(found.index + found[0].length)
  }
  return rest === '' ? stretches : [...stretches, { text: rest }]
}

/** Such as `U+202E`. */
export const codeName = (code: number): string => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`

/** As one plain text, for titles and labels, where no markup can be. */
export const plainText = (text: string): string =>
  stretchesOf(text)
    .map((stretch) => ('text' in stretch ? stretch.text : `[${codeName(stretch.code)}]`))
    .join('')

/** At most so many characters, never half of one. */
export const cutText = (text: string, most: number): { readonly text: string; readonly isCut: boolean } => {
  if (text.length <= most) return { text, isCut: false }
  // Half of a surrogate pair at the end is no character.
  return { text: text.slice(0, most).replace(/[\ud800-\udbff]$/, ''), isCut: true }
}
