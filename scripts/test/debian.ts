// Installs packages on Debian and its relatives, as root or through sudo, and only when told to.
// Which programs are missing, and what to say on other systems, is system.ts's business.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Whether /etc/os-release names Debian or a system made from it. */
export const isDebianLike = (osRelease: string): boolean =>
  osRelease
    .split('\n')
    .filter((line) => /^ID(_LIKE)?=/.test(line))
    .some((line) => /\b(debian|ubuntu)\b/.test(line))

export const readOsRelease = (): string => {
  try {
    return readFileSync('/etc/os-release', 'utf8')
  } catch {
    return '' // macOS and Windows have none, and are not Debian
  }
}

type Run = (program: string, ...args: readonly string[]) => boolean

const run: Run = (program, ...args) => {
  const ended = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (ended.status !== 0) console.error(ended.error?.message ?? `${ended.stdout}${ended.stderr}`.trim())
  return ended.status === 0
}

/** Runs programs as root, directly or through sudo, which may ask for a password; null when this user cannot. */
const asRoot = (): Run | null => {
  if (process.getuid?.() === 0) return run
  const asked = process.stdin.isTTY ? ['-v'] : ['-n', 'true']
  const may = spawnSync('sudo', asked, { stdio: 'inherit' }).status === 0
  return may ? (program, ...args) => run('sudo', program, ...args) : null
}

// Another apt at work, such as unattended upgrades, is waited for.
const aptGet = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120']

const isKnown = (name: string): boolean =>
  /Candidate: (?!\(none\))/.test(
    spawnSync('apt-cache', ['policy', name], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } }).stdout,
  )

/** Installs the packages; refreshes apt's lists only when they do not lead to the files. Returns whether it worked. */
export const installPackages = (names: readonly string[]): boolean => {
  const root = asRoot()
  if (root === null) return false
  const install = (): boolean => root('env', ...aptGet, 'install', '-y', '--no-install-recommends', ...names)
  if (names.every(isKnown) && install()) return true
  return root('env', ...aptGet, 'update') && install()
}
