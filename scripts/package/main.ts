// The story of `npm run package`: bundle the agent once, then for each system add its Node and put both into a package.
// What a package contains is layout.ts and deb.ts; a download that is larger than promised is a failure.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../with-node.mjs'
import { filesBelow, packTarXz, packZip } from './archive.ts'
import { bundleAgent } from './bundle.ts'
import { packDeb } from './deb.ts'
import { type Contents, layFolder } from './layout.ts'
import { digestOf, findNode, pinnedVersion } from './node-build.ts'
import { makeOutFolder } from './out-folder.ts'
import { mostBytes, type Target } from './targets.ts'
import { type Form, helpText, readWishes, type Wishes } from './wishes.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** A line that is written over while something grows, where somebody can watch it. */
const meter = (what: string, whole: number) => {
  let shown = -1
  return (bytes: number): void => {
    const percent = Math.min(100, Math.floor((100 * bytes) / whole))
    if (!process.stderr.isTTY || percent === shown) return
    shown = percent
    process.stderr.write(`\r  ${what}: ${percent} %${percent === 100 ? '\n' : ''}`)
  }
}

const packArchive = async (work: string, target: Target, contents: Contents, { out, isQuick }: Wishes) => {
  const name = `muster-agent-${contents.version}-${target.name}`
  const [folder, path] = [join(work, name), join(out, `${name}.${target.form}`)]
  layFolder(folder, target, contents)
  rmSync(path, { force: true })
  const whole = filesBelow(folder).reduce((bytes, file) => bytes + statSync(join(folder, file)).size, 0)
  const packing = { isQuick, progress: meter(`${name}.${target.form}`, whole) }
  if (target.form === 'zip') packZip(folder, path, packing)
  else await packTarXz(folder, path, packing)
  rmSync(folder, { recursive: true, force: true })
  return path
}

type Pack = (work: string, target: Target, contents: Contents, wishes: Wishes) => Promise<string | null>

const packs: Record<Form, Pack> = {
  archive: packArchive,
  deb: async (work, target, contents, { out, isQuick }) => {
    if (target.debianArchitecture === undefined) return null
    const path = join(out, `muster-agent_${contents.version}_${target.debianArchitecture}.deb`)
    packDeb(join(work, 'deb'), path, target, contents, isQuick)
    return path
  },
  folder: async (_work, target, contents, { out }) => {
    layFolder(join(out, `muster-agent-${contents.version}-${target.name}`), target, contents)
    return null
  },
}

const packAll = async (work: string, wishes: Wishes): Promise<readonly string[]> => {
  const version = (JSON.parse(readFileSync(join(root, 'apps/agent/package.json'), 'utf8')) as { version: string })
    .version
  const bundle = await bundleAgent()
  say(`bundle: ${megabytes(bundle.code.length)}, with ${bundle.libraries.length} libraries`)
  const paths: string[] = []
  for (const target of wishes.targets) {
    const contents = { bundle, version, nodeVersion: pinnedVersion(), node: await findNode(target) }
    say(`${target.name}: Node ${contents.nodeVersion}, ${megabytes(statSync(contents.node).size)}`)
    for (const form of wishes.forms) {
      const path = await packs[form](work, target, contents, wishes)
      if (path === null) continue
      say(`  ${path}: ${megabytes(statSync(path).size)}`)
      paths.push(path)
    }
  }
  return paths
}

/** One list for everything in the folder, as `sha256sum --check` reads it. */
const writeSums = async (out: string): Promise<void> => {
  const names = readdirSync(out).filter((name) => name.startsWith('muster-agent') && statSync(join(out, name)).isFile())
  const lines = await Promise.all(names.toSorted().map(async (name) => `${await digestOf(join(out, name))}  ${name}\n`))
  if (lines.length > 0) writeFileSync(join(out, 'SHA256SUMS'), lines.join(''))
}

const main = async (): Promise<void> => {
  const wishes = readWishes(process.argv.slice(2), process.cwd())
  if (wishes === 'help') return void process.stdout.write(helpText)
  makeOutFolder(wishes.out)
  const work = mkdtempSync(join(tmpdir(), 'muster-package-'))
  try {
    const paths = await packAll(work, wishes)
    await writeSums(wishes.out)
    const tooLarge = paths.filter((path) => !wishes.isQuick && statSync(path).size > mostBytes)
    if (tooLarge.length > 0) throw new Error(`larger than ${megabytes(mostBytes)}: ${tooLarge.join(', ')}`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

try {
  await main()
} catch (fault) {
  say(fault instanceof Error ? fault.message : String(fault))
  process.exitCode = 1
}
