// How many columns of a terminal a text takes, and the text cut to fit.
// Text comes here already printable.

const ascii = /^[\x20-\x7e]*$/
// East Asian wide and fullwidth blocks, and the emoji planes (Unicode UAX 11, by block).
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]/u

let segmenter: Intl.Segmenter | undefined

const clusters = (text: string): readonly string[] => {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

const clusterWidth = (cluster: string): number => (/^\p{M}/u.test(cluster) ? 0 : wide.test(cluster) ? 2 : 1)

export const widthOf = (text: string): number =>
  ascii.test(text) ? text.length : clusters(text).reduce((sum, cluster) => sum + clusterWidth(cluster), 0)

/** The text, or as much of it as fits with an ellipsis at its end. */
export const cutTo = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  let kept = ''
  let used = 0
  for (const cluster of clusters(text)) {
    used += clusterWidth(cluster)
    if (used > width - 1) break
    kept += cluster
  }
  return width < 1 ? '' : `${kept}…`
}

export const paddingTo = (width: number, text: string): string => ' '.repeat(Math.max(0, width - widthOf(text)))
