// The programs from outside npm that the tests use: finds them, and on Debian installs those that are missing.
// How Debian installs is debian.mjs's work; starting them is the tests' own.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installPackages, isDebian } from '../debian.mjs'

interface Program {
  readonly name: string
  readonly debianPackage: string
  /** No test can do without it; a missing one that is not needed yet is only mentioned. */
  readonly needed: boolean
  /** Where it is, or null. */
  find(): string | null
}

// The oldest PostgreSQL that Muster supports, and Debian 12's.
const oldestPostgres = 15

const onPath = (...names: readonly string[]): string | null =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .concat('/usr/bin', '/usr/sbin', '/usr/local/bin')
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path)) ?? null

/** The major version in what `postgres --version` prints, or 0. */
export const majorOf = (printed: string): number => Number(/\(PostgreSQL\) (\d+)/.exec(printed)?.[1] ?? 0)

const isNewEnough = (folder: string): boolean => {
  if (!existsSync(join(folder, 'initdb'))) return false
  const asked = spawnSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8' })
  return asked.status === 0 && majorOf(asked.stdout) >= oldestPostgres
}

const debianRoot = '/usr/lib/postgresql'

/** The folder with initdb and postgres; Debian keeps one for each major version, outside the PATH. */
const findPostgres = (): string | null => {
  const installed = existsSync(debianRoot) ? readdirSync(debianRoot) : []
  const folders = installed
    .toSorted((left, right) => Number(right) - Number(left))
    .map((version) => join(debianRoot, version, 'bin'))
  const pgConfig = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' })
  if (pgConfig.status === 0) folders.push(pgConfig.stdout.trim())
  return folders.find(isNewEnough) ?? null
}

const postgres: Program = {
  name: `PostgreSQL ${oldestPostgres} or later`,
  debianPackage: 'postgresql',
  needed: true,
  find: findPostgres,
}

const programs: readonly Program[] = [
  postgres,
  { name: 'xz', debianPackage: 'xz-utils', needed: true, find: () => onPath('xz') },
  { name: 'zip', debianPackage: 'zip', needed: true, find: () => onPath('zip') },
  { name: 'rpmbuild', debianPackage: 'rpm', needed: true, find: () => onPath('rpmbuild') },
  { name: 'nats-server', debianPackage: 'nats-server', needed: false, find: () => onPath('nats-server') },
  {
    name: 'Chromium',
    debianPackage: 'chromium',
    needed: false,
    find: () => onPath('chromium', 'chromium-browser', 'google-chrome'),
  },
]

const listed = (missing: readonly Program[]): string => missing.map((program) => program.name).join(', ')

const installOnDebian = (missing: readonly Program[]): void => {
  const names = missing.map((program) => program.debianPackage)
  if (installPackages(names)) return
  // One package that this release lacks must not keep the others away.
  if (names.length > 1) for (const name of names) installPackages([name])
}

/** Makes sure that what the tests need is there and returns the folder of PostgreSQL's programs. */
export const ensureSystem = (): string => {
  const before = programs.filter((program) => program.find() === null)
  const debian = isDebian()
  if (before.length > 0 && debian) installOnDebian(before)
  const missing = before.filter((program) => program.find() === null)
  const packages = missing.map((program) => program.debianPackage).join(' ')
  const advice = debian ? `run \`sudo apt-get install ${packages}\`` : "install them with this system's package manager"
  const found = postgres.find()
  if (found === null || missing.some((program) => program.needed))
    throw new Error(`the tests need ${listed(missing)}: ${advice} and try again`)
  if (missing.length > 0) console.error(`Missing, and not needed by any test yet: ${listed(missing)}; ${advice}.`)
  return found
}
