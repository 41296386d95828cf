// Says which packages of the lock file are not installed as it describes them.
// It only compares; reading the two lists and acting on the answer is install.mjs's work.

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean, resolved?: string }} Entry
 * @typedef {{ packages: Record<string, Entry> }} Tree
 */

/**
 * `wanted` is package-lock.json, `installed` is the list npm leaves in node_modules (null when there is none).
 * Packages for other systems are optional and may be absent. Returns the paths that differ.
 * @param {Tree} wanted
 * @param {Tree | null} installed
 * @param {(path: string) => boolean} exists
 */
export const differences = (wanted, installed, exists) =>
  Object.entries(wanted.packages)
    .filter(([path, entry]) => path.startsWith('node_modules/') && !isInstalled(path, entry, installed, exists))
    .map(([path]) => path)

/**
 * @param {string} path
 * @param {Entry} entry
 * @param {Tree | null} installed
 * @param {(path: string) => boolean} exists
 */
const isInstalled = (path, entry, installed, exists) => {
  const found = installed?.packages[path]
  if (found === undefined) return installed !== null && entry.optional === true
  if (entry.link === true) return found.link === true && found.resolved === entry.resolved && exists(path)
  return found.version === entry.version && found.integrity === entry.integrity && exists(path)
}
