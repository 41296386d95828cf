// Brings node_modules into the state package-lock.json describes, and with it the Node that runs Muster.
// Runs on the machine's own Node (20 or later) and goes outside this checkout only for one library.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installPackages, isDebian } from './debian.mjs'
import { differences } from './install-plan.mjs'
import { pinnedNode, root } from './with-node.mjs'

/** @param {string} path */
const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'))

const readInstalled = () => {
  try {
    return readJson('node_modules/.package-lock.json')
  } catch {
    return null // npm writes this file last, so a broken install looks like none
  }
}

/** npm must not run on the Node it is about to replace, which `npm run` puts first in the PATH. */
const environment = () => {
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(join(root, 'node_modules')))
  return { ...process.env, PATH: path.join(delimiter) }
}

const npmOptions = { cwd: root, shell: process.platform === 'win32' }

/**
 * @param {string[]} args
 * @returns {Promise<number | null>}
 */
const npm = (args) =>
  new Promise((exited, failed) => {
    const child = spawn('npm', args, { ...npmOptions, env: environment(), stdio: ['ignore', 'ignore', 'inherit'] })
    child.once('error', failed)
    child.once('exit', (code) => exited(code))
  })

const ignoresScripts = () => {
  const asked = spawnSync('npm', ['config', 'get', 'ignore-scripts'], {
    ...npmOptions,
    env: environment(),
    encoding: 'utf8',
  })
  return asked.stdout?.trim() === 'true'
}

/**
 * What keeps the pinned Node from running as the wanted version, or null.
 * @param {string} wanted
 */
const faultOfNode = (wanted) => {
  if (!existsSync(pinnedNode)) {
    return ignoresScripts()
      ? `npm is set to ignore install scripts, so Node ${wanted} is missing: run \`npm rebuild node --ignore-scripts=false\` and try again`
      : `npm did not install Node ${wanted}: run \`npm rebuild node --foreground-scripts\` to see why`
  }
  const asked = spawnSync(pinnedNode, ['--version'], { encoding: 'utf8' })
  if (asked.status !== 0)
    return `Node ${wanted} does not run on this system: ${asked.error?.message ?? asked.stderr.trim()}`
  const found = asked.stdout.trim()
  return found === `v${wanted}` ? null : `expected Node ${wanted} and found ${found}: run \`npm ci\``
}

// The one library that Node's own builds need and that a minimal Debian lacks.
const library = { file: 'libatomic.so.1', debianPackage: 'libatomic1' }

/** @param {string} wanted */
const ensureNode = (wanted) => {
  const fault = faultOfNode(wanted)
  if (fault === null) return
  const canMend = fault.includes(library.file) && isDebian() && installPackages([library.debianPackage])
  const left = canMend ? faultOfNode(wanted) : fault
  if (left === null) return
  // `npm run` puts this one first in the PATH, where it would keep even this message from being seen.
  rmSync(join(root, 'node_modules', '.bin', 'node'), { force: true })
  const advice = `install ${library.file} (on Debian: apt-get install ${library.debianPackage}) and try again`
  throw new Error(left.includes(library.file) ? `Node ${wanted} does not run yet: ${advice}` : left)
}

/** Installs what is missing or out of date; does nothing, and needs no network, when all of it is there. */
export const ensureInstalled = async () => {
  if (Number.parseInt(process.versions.node, 10) < 20) {
    throw new Error(`Muster starts on Node 20 or later and this is ${process.version}: install a newer nodejs package`)
  }
  const wanted = readJson('package-lock.json')
  const missing = differences(wanted, readInstalled(), (path) => existsSync(join(root, path)))
  if (missing.length > 0) {
    console.error('Installing packages with npm ci, a minute or so the first time.')
    const code = await npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
    if (code !== 0) throw new Error('npm ci failed; see above, and check that this machine reaches the npm registry')
  }
  ensureNode(wanted.packages['node_modules/node'].version)
}
