// Two texts as a unified diff, line by line. Pure.
// What the lines mean is decide.ts.
import { createTwoFilesPatch, FILE_HEADERS_ONLY, formatPatch } from 'diff'

const [published, planned] = ['published', 'planned']
const contextLines = 3

/** Above so many lines that differ, all of them count as replaced: longer searches hold up everybody. */
const mostEdits = 300

const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

const signed = (sign: '-' | '+', text: string): readonly string[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => `${sign}${line}`)

const replaced = (before: string, after: string): string => {
  const [gone, come] = [signed('-', before), signed('+', after)]
  const hunk = {
    oldStart: 1,
    oldLines: gone.length,
    newStart: 1,
    newLines: come.length,
    lines: [...gone, ...come],
  }
  const named = { oldFileName: published, newFileName: planned, oldHeader: undefined, newHeader: undefined }
  return formatPatch({ ...named, hunks: [hunk] }, FILE_HEADERS_ONLY)
}

/** Empty when the lines are the same; a missing newline at the end is no difference. */
export const unifiedDiff = (before: string, after: string): string => {
  const [left, right] = [ended(before), ended(after)]
  if (left === right) return ''
  const bounds = { context: contextLines, headerOptions: FILE_HEADERS_ONLY, maxEditLength: mostEdits }
  return createTwoFilesPatch(published, planned, left, right, undefined, undefined, bounds) ?? replaced(left, right)
}
