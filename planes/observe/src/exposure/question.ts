// What somebody typed or sent, as one question: names of ecosystems, versions, place, window.
// Answering it is exposure.ts.
import { type BodyOf, ECOSYSTEMS, type Ecosystem, type searchInventory } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'
import { pythonName } from '../coordinate/decide.ts'

type Asked = BodyOf<typeof searchInventory>

export interface Subject {
  readonly ecosystem: Ecosystem
  /** As it is stored: normalised where the ecosystem normalises. */
  readonly names: readonly string[]
}

export interface Question {
  readonly subjects: readonly Subject[]
  readonly versions: string | readonly string[] | undefined
  readonly pathPrefix: string | undefined
  readonly deviceId: string | undefined
  /** Devices that carry all of them. */
  readonly tags: readonly string[]
  readonly surfaces: readonly string[] | undefined
  readonly state: 'any' | 'present' | 'removed'
  readonly window: { readonly fromMs: number; readonly toMs: number } | undefined
}

interface Typed {
  readonly ecosystem?: Ecosystem
  readonly name: string
  readonly versions?: string
}

/** Refuses a question that names nothing, or says the same thing twice. */
export const readQuestion = (asked: Asked): Result<Question, 'request_malformed'> => {
  const { q, names, ecosystem } = asked
  if ((q === undefined) === (names === undefined)) return refuse('request_malformed', 'Ask with either q or names.')
  if (asked.window !== undefined && Date.parse(asked.window.from) > Date.parse(asked.window.to))
    return refuse('request_malformed', 'The window ends before it begins.')
  const typed = q === undefined ? undefined : readTyped(q)
  const wanted = typed === undefined ? (names ?? []) : [typed.subject.name]
  if (wanted.length === 0 || wanted.some((name) => name.trim() === ''))
    return refuse('request_malformed', 'Name what to look for.')
  const among = typed?.subject.ecosystem ?? ecosystem
  return ok({
    subjects: (among === undefined ? ECOSYSTEMS : [among]).map((one) => ({
      ecosystem: one,
      names: [...new Set(wanted.map((name) => normalName(name.trim(), one)))],
    })),
    versions: typed?.subject.versions ?? asked.versions,
    pathPrefix: typed?.path ?? asked.path?.prefix,
    deviceId: typed?.deviceId ?? asked.deviceId,
    tags: typed?.tags ?? [],
    surfaces: asked.surfaces,
    state: asked.state ?? 'any',
    window:
      asked.window === undefined
        ? undefined
        : { fromMs: Date.parse(asked.window.from), toMs: Date.parse(asked.window.to) },
  })
}

const normalName = (name: string, ecosystem: Ecosystem): string => {
  if (ecosystem === 'pypi') return pythonName(name)
  return ecosystem === 'vscode' ? name.toLowerCase() : name
}

interface TypedQuestion {
  readonly subject: Typed
  readonly path: string | undefined
  readonly deviceId: string | undefined
  readonly tags: readonly string[]
}

/** `name`, `name@version`, `name@range`, a purl, `mcp:name`, `deb/name`, `host:name`, with `path:…`, `device:…` and `tag:…` beside it. */
const readTyped = (q: string): TypedQuestion => {
  const words = q.trim().split(/\s+/)
  const valuesOf = (key: string): readonly string[] =>
    words.filter((word) => word.startsWith(`${key}:`)).map((word) => word.slice(key.length + 1))
  const rest = words.filter((word) => !/^(?:path|device|tag):/.test(word)).join(' ')
  return {
    subject: readSubject(rest),
    path: valuesOf('path')[0],
    deviceId: valuesOf('device')[0],
    tags: valuesOf('tag'),
  }
}

// No name of a package begins with the name of an ecosystem and a slash; those of MCP servers are paths.
const named = new RegExp(
  `^(?:(${ECOSYSTEMS.join('|')}|host):|(${ECOSYSTEMS.filter((one) => one !== 'mcp').join('|')})/)(.*)$`,
  's',
)

const readSubject = (text: string): Typed => {
  if (text.startsWith('pkg:')) return readPurl(text)
  const [, colon, slash, value = ''] = named.exec(text) ?? []
  const key = colon ?? slash
  if (key === 'mcp' || key === 'host') return { ecosystem: 'mcp', ...splitVersion(value) }
  if (key !== undefined) return { ecosystem: key as Ecosystem, ...splitVersion(value) }
  return splitVersion(text)
}

/** The `@` of a scope stands first, so a version begins at a later one; PEP 440 operators may follow the name directly. */
const splitVersion = (text: string): { name: string; versions?: string } => {
  const at = text.indexOf('@', 1)
  if (at > 0) return { name: text.slice(0, at), versions: text.slice(at + 1) }
  const operator = /^([^\s<>=~!^]+)\s*((?:[<>=~!]=?|\^|===).*)$/s.exec(text)
  return operator === null ? { name: text } : { name: operator[1] ?? text, versions: operator[2] ?? '*' }
}

const purlTypes: ReadonlyMap<string, Ecosystem> = new Map([
  ['npm', 'npm'],
  ['pypi', 'pypi'],
  ['brew', 'homebrew'],
  ['homebrew', 'homebrew'],
  ['deb', 'deb'],
  ['rpm', 'rpm'],
  ['golang', 'golang'],
  ['cargo', 'cargo'],
  ['vscode-extension', 'vscode'],
])

/** What stands before the name of a distribution's package is the distribution. */
const withoutDistribution = (name: string, ecosystem: Ecosystem | undefined): string =>
  ecosystem === 'deb' || ecosystem === 'rpm' ? name.slice(name.lastIndexOf('/') + 1) : name

/** An extension is `publisher.name`, which a purl writes with a slash. */
const withPublisher = (name: string, ecosystem: Ecosystem | undefined): string =>
  ecosystem === 'vscode' ? name.replace('/', '.') : name

const readPurl = (text: string): Typed => {
  const [, type = '', path = '', version] = /^pkg:\/*([^/]+)\/([^@?#]*)(?:@([^?#]*))?/.exec(text) ?? []
  const ecosystem = purlTypes.get(type.toLowerCase())
  const said = path.split('/').map(decode).join('/')
  const name = withPublisher(withoutDistribution(said, ecosystem), ecosystem)
  return {
    ...(ecosystem === undefined ? {} : { ecosystem }),
    name: name === '' ? text : name,
    ...(version === undefined ? {} : { versions: decode(version) }),
  }
}

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
