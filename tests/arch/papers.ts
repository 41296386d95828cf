// What the papers say must be what there is: refusals and their runbook pages, dependencies and their reasons.
// The README's picture of the house has a rule of its own in tree.ts.
import { dirname, join, normalize } from 'node:path/posix'
import type { Room } from './checkout.ts'

const runbook = /^docs\/runbook\/([a-z0-9_]+)\.md$/

interface Refusals {
  readonly [code: string]: { readonly status: number }
}

/** Complaints about refusals without a page, pages without a refusal, and pages headed by another code or status. */
export const checkRunbook = (
  refusals: Refusals,
  files: readonly string[],
  read: (path: string) => string,
): readonly string[] => {
  const pages = files.flatMap((path) => runbook.exec(path)?.[1] ?? [])
  const missing = Object.keys(refusals).filter((code) => !pages.includes(code))
  return [
    ...missing.map((code) => `docs/runbook/${code}.md is missing for the refusal ${code}`),
    ...pages.flatMap((page) => {
      const path = `docs/runbook/${page}.md`
      const status = refusals[page]?.status
      if (status === undefined) return [`${path} explains no refusal there is`]
      const heading = `# \`${page}\` (${status})`
      return read(path).startsWith(`${heading}\n`) ? [] : [`${path} does not open with "${heading}"`]
    }),
  ]
}

type Declaring = Pick<Room, 'folder' | 'dependencies' | 'devDependencies'>

const exact = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/

/** Complaints about versions that npm may choose: what was tested is what is installed. */
export const checkVersions = (manifests: readonly Declaring[]): readonly string[] =>
  manifests.flatMap(({ folder, dependencies, devDependencies }) =>
    Object.entries({ ...dependencies, ...devDependencies })
      .filter(([, version]) => !exact.test(version))
      .map(([name, version]) => `${folder}/package.json wants ${name} ${version}, which is not one version`),
  )

/** The packages named in the first column of a table: `| \`zod\` | … | … |`. */
export const namedInTable = (text: string): readonly string[] =>
  [...text.matchAll(/^\| `([^`]+)` \| [^|]*\S[^|]* \| [^|]*\S[^|]* \|$/gm)].flatMap((match) => match[1] ?? [])

/** Complaints about runtime dependencies without a reason, and reasons for what is not used. */
export const checkReasons = (
  manifests: readonly Declaring[],
  roomNames: readonly string[],
  text: string,
): readonly string[] => {
  const used = manifests
    .flatMap(({ dependencies }) => Object.keys(dependencies))
    .filter((name) => !roomNames.includes(name))
  const explained = namedInTable(text)
  return [
    ...new Set(
      used
        .filter((name) => !explained.includes(name))
        .map((name) => `${name} has no line in docs/adr/0001-dependencies.md`),
    ),
    ...explained
      .filter((name) => !used.includes(name))
      .map((name) => `docs/adr/0001-dependencies.md explains ${name}, which no room uses`),
  ]
}

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean; readonly optional?: boolean }>>
}

/** Complaints about packages that run code when they are installed without having been approved, and the reverse. */
export const checkInstallScripts = (lock: LockFile, approved: readonly string[]): readonly string[] => {
  const scripted = Object.entries(lock.packages)
    .filter(([, entry]) => entry.hasInstallScript === true)
    .map(([path]) => path.replace(/^.*node_modules\//, ''))
  return [
    ...scripted
      .filter((name) => !approved.includes(name))
      .map((name) => `${name} runs an install script that allowScripts does not approve`),
    ...approved
      .filter((name) => !scripted.includes(name))
      .map((name) => `allowScripts approves ${name}, which has no install script`),
  ]
}

export interface Paper {
  readonly path: string
  readonly text: string
}

const link = /\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g

/** Complaints about links between papers, and from papers to code, that lead nowhere. */
export const checkLinks = (papers: readonly Paper[], paths: readonly string[]): readonly string[] => {
  const known = new Set(paths)
  return papers.flatMap(({ path, text }) =>
    [...text.matchAll(link)]
      .map((match) => normalize(join(dirname(path), match[1] ?? '')).replace(/\/$/, ''))
      .filter((target) => !known.has(target))
      .map((target) => `${path} links to ${target}, which does not exist`),
  )
}
