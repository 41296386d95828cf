// The name in a requirement, and the lines of a requirements file (sensor-agent 6.8). Pure.
// Files that include others are requirements.ts.
import { linesOf, withoutMark } from '../reading.ts'

/**
 * What every agent of the protocol takes for the name: all before ` @ `, else all before the first operator. It is
 * neither trimmed nor normalised, so extras, markers and blanks can be part of it, because it is part of the identity.
 */
export const requirementName = (requirement: string): string => {
  const reference = requirement.indexOf(' @ ')
  if (reference >= 0) return requirement.slice(0, reference)
  const operator = requirement.search(/[<>=!~]/)
  return operator < 0 ? requirement : requirement.slice(0, operator)
}

export type RequirementLine =
  | { readonly says: 'requirement'; readonly name: string }
  | { readonly says: 'include'; readonly path: string; readonly isConstraint: boolean }

function* logicalLines(text: string): Generator<string> {
  let joined = ''
  for (const line of linesOf(withoutMark(text))) {
    if (line.endsWith('\\')) {
      joined += line.slice(0, -1)
      continue
    }
    yield joined + line
    joined = ''
  }
  if (joined !== '') yield joined
}

const include = /^(?:(-r|--requirement)|(?:-c|--constraint))\s+(\S.*?)(?:\s+#.*)?$/

const readLine = (line: string): RequirementLine | null => {
  const hash = line.indexOf('--hash=')
  const said = (hash < 0 ? line : line.slice(0, hash)).trim()
  const included = include.exec(said)
  if (included !== null) return { says: 'include', path: included[2] ?? '', isConstraint: included[1] === undefined }
  const requirement = said.startsWith('-e ') ? said.slice(3).trim() : said
  if (requirement === '' || requirement.startsWith('#') || requirement.startsWith('-')) return null
  const name = requirementName(requirement)
  return name === '' ? null : { says: 'requirement', name: name.toWellFormed() }
}

/** In the order of the file. */
export function* requirementLines(text: string): Generator<RequirementLine> {
  for (const line of logicalLines(text)) {
    const read = readLine(line)
    if (read !== null) yield read
  }
}
