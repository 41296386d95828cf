// The packages a `pnpm-lock.yaml` of any version pins (sensor-agent 6.7). Pure: text in, packages out.
// Where the keys of `packages` stand in the text is pnpm-keys.ts.
import { type PackageReading, type ReadPackage, withoutMark } from '../reading.ts'
import { readPackageKeys } from './pnpm-keys.ts'

/** `/name/1.0.0_peer@2` with its slashes gone, or `registry.example/name/1.0.0`: lockfiles before version 6. */
const oldKey = /^(?:[^/@]+\.[^/@]+\/)?((?:@[^/@]+\/)?[^/@]+)\/(\d+\.\d+\.\d+[^/_]*)(?:[/_].*)?$/s

/** Folders of the same checkout. */
const local = /^(?:link|workspace|file):|@(?:link|workspace):/

const withoutPeers = (key: string): string => {
  const peers = key.indexOf('(')
  return peers < 0 ? key : key.slice(0, peers)
}

/** Null for what is no package of any registry, such as a repository named by its address alone. */
const packageOf = (key: string): ReadPackage | null => {
  const trimmed = withoutPeers(key).replace(/^\/+/, '').replace(/\/+$/, '')
  if (local.test(trimmed)) return null
  const old = oldKey.exec(trimmed)
  if (old !== null) return { name: old[1] ?? '', version: old[2] ?? '', detail: null }
  // A version can be an address with an `@` of its own, a name has one only at its start.
  const at = trimmed.indexOf('@', 1)
  const name = trimmed.slice(0, at)
  const version = trimmed.slice(at + 1)
  return at > 0 && name !== '' && version !== '' ? { name, version, detail: null } : null
}

export const readPnpmLockfile = (text: string): PackageReading => {
  const keys = readPackageKeys(withoutMark(text))
  if (!keys.ok) return keys
  const packages = keys.keys.map(packageOf).filter((read) => read !== null)
  return { ok: true, packages, oddEntries: 0 }
}
