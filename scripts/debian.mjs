// Installs packages on Debian and its relatives, as root or through sudo, and only when told to.
// Which ones are missing, and what to say on other systems, is the caller's business; plain JavaScript, for any Node.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Whether the text of /etc/os-release names Debian or a system made from it.
 * @param {string} osRelease
 */
export const isDebianLike = (osRelease) =>
  osRelease
    .split('\n')
    .filter((line) => /^ID(_LIKE)?=/.test(line))
    .some((line) => /\b(debian|ubuntu)\b/.test(line))

const readOsRelease = () => {
  try {
    return readFileSync('/etc/os-release', 'utf8')
  } catch {
    return '' // macOS and Windows have none, and are not Debian
  }
}

export const isDebian = () => isDebianLike(readOsRelease())

/** @typedef {(program: string, ...args: string[]) => boolean} Run */

/** @type {Run} */
const run = (program, ...args) => {
  const ended = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (ended.status !== 0) console.error(ended.error?.message ?? `${ended.stdout}${ended.stderr}`.trim())
  return ended.status === 0
}

/**
 * Runs programs as root, directly or through sudo, which may ask for a password; null when this user cannot.
 * @returns {Run | null}
 */
const asRoot = () => {
  if (process.getuid?.() === 0) return run
  const asked = process.stdin.isTTY ? ['-v'] : ['-n', 'true']
  const may = spawnSync('sudo', asked, { stdio: 'inherit' }).status === 0
  return may ? (program, ...args) => run('sudo', program, ...args) : null
}

// Another apt at work, such as unattended upgrades, is waited for.
const aptGet = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120']

/** @param {string} name */
const isKnown = (name) => {
  const asked = spawnSync('apt-cache', ['policy', name], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
  return /Candidate: (?!\(none\))/.test(asked.stdout)
}

/**
 * Installs the packages; refreshes apt's lists only when they do not lead to the files. Returns whether it worked.
 * @param {readonly string[]} names
 */
export const installPackages = (names) => {
  const root = asRoot()
  if (root === null) return false
  console.error(`Installing ${names.join(', ')} from this system's packages.`)
  const install = () => root('env', ...aptGet, 'install', '-y', '--no-install-recommends', ...names)
  if (names.every(isKnown) && install()) return true
  return root('env', ...aptGet, 'update') && install()
}
