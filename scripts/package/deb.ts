// The Debian package: the folder of layout.ts where Debian wants programs, with its unit, account, configuration and scripts.
// What the scripts do stands in deploy/deb; dpkg-deb does the packing.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { epochSeconds, filesBelow, settleTimes } from './archive.ts'
import { type Contents, deployed, layProgram, papersOf } from './layout.ts'
import type { Target } from './targets.ts'

/** Where files of deploy/ go in the machine. */
const placed: Readonly<Record<string, string>> = {
  'etc/muster/agent.yaml': 'agent.yaml',
  'usr/lib/systemd/system/muster-agent.service': 'systemd/muster-agent.service',
  'usr/lib/sysusers.d/muster-agent.conf': 'systemd/muster-agent.sysusers',
  'usr/lib/tmpfiles.d/muster-agent.conf': 'systemd/muster-agent.tmpfiles',
}

const put = (path: string, content: string | Uint8Array, mode = 0o644): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  chmodSync(path, mode)
}

const layData = (root: string, target: Target, contents: Contents): void => {
  layProgram(join(root, 'usr/lib/muster-agent'), target, contents)
  mkdirSync(join(root, 'usr/bin'), { recursive: true })
  symlinkSync('../lib/muster-agent/bin/muster-agent', join(root, 'usr/bin/muster-agent'))
  for (const [path, source] of Object.entries(placed)) put(join(root, path), readFileSync(deployed(source)))
  const papers = join(root, 'usr/share/doc/muster-agent')
  put(join(papers, 'copyright'), papersOf(contents))
  put(join(papers, 'changelog.gz'), gzipSync(readFileSync(deployed('deb/changelog')), { level: 9 }))
}

const isFile = (path: string): boolean => lstatSync(path).isFile()

const layControl = (root: string, { debianArchitecture }: Target, version: string): void => {
  const files = filesBelow(root).filter((path) => isFile(join(root, path)))
  const bytes = files.reduce((sum, path) => sum + lstatSync(join(root, path)).size, 0)
  const sums = files.map(
    (path) =>
      `${createHash('md5')
        .update(readFileSync(join(root, path)))
        .digest('hex')}  ${path}\n`,
  )
  const control = readFileSync(deployed('deb/control'), 'utf8')
    .replace('@VERSION@', version)
    .replace('@ARCHITECTURE@', debianArchitecture ?? '')
    .replace('@INSTALLED_SIZE@', String(Math.ceil(bytes / 1024)))
  put(join(root, 'DEBIAN/control'), control)
  put(join(root, 'DEBIAN/conffiles'), readFileSync(deployed('deb/conffiles')))
  put(join(root, 'DEBIAN/md5sums'), sums.join(''))
  for (const script of ['postinst', 'prerm', 'postrm'])
    put(join(root, 'DEBIAN', script), readFileSync(deployed(`deb/${script}`)), 0o755)
}

/** Whatever this account's umask is, everyone may look into the folders of a package. */
const openFolders = (root: string): void => {
  chmodSync(root, 0o755)
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true }))
    if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755)
}

/** Builds the package at `path`, over an empty folder that it fills and removes. */
export const packDeb = (folder: string, path: string, target: Target, contents: Contents, isQuick: boolean): void => {
  layData(folder, target, contents)
  layControl(folder, target, contents.version)
  openFolders(folder)
  settleTimes(folder)
  const compression = isQuick ? ['-Znone'] : ['-Zxz', '-z6', '--threads-max=1']
  const ended = spawnSync('dpkg-deb', ['--root-owner-group', ...compression, '--build', folder, path], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(epochSeconds) },
    encoding: 'utf8',
  })
  rmSync(folder, { recursive: true, force: true })
  if (ended.status !== 0) throw new Error(`dpkg-deb: ${ended.error?.message ?? ended.stderr.trim()}`)
}
