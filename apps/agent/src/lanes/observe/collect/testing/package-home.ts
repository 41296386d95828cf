// A home with something for every surface of packages, and a machine's own package databases beside it.
// What lies about them to break a scan is each test's own. The product never imports it.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const headers = readFileSync(new URL('../rpm-packages/fixtures/headers.base64', import.meta.url), 'utf8')

const npm = (name: string): string =>
  JSON.stringify({ packages: { [`node_modules/${name}`]: { version: '1.0.0', resolved: '../../../elsewhere' } } })

const manifest = JSON.stringify({ publisher: 'sound', name: 'extension', version: '1.0.0' })

const extensions = JSON.stringify([{ identifier: { id: 'sound.listed' }, version: '1.0.0' }])

const paragraph = (name: string): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n`

/** Sound files for every surface, each with at least one item; paths are from the home. */
export const packageHomeFiles: Readonly<Record<string, string>> = {
  'src/npm/package-lock.json': npm('from-npm'),
  'src/shrunk/npm-shrinkwrap.json': npm('from-shrinkwrap'),
  'src/pnpm/pnpm-lock.yaml':
    "lockfileVersion: '9.0'\n\npackages:\n\n  from-pnpm@1.0.0:\n    resolution: {integrity: x}\n",
  'src/yarn/yarn.lock': '# yarn lockfile v1\n\nfrom-yarn@^1.0.0:\n  version "1.0.0"\n',
  'src/bun/bun.lock': '{"packages": {"from-bun": ["from-bun@1.0.0", "", {}, "sha512-x"],}}',
  'src/go/go.sum': 'example.org/from-go v1.0.0 h1:x=\n',
  'src/rust/Cargo.lock':
    '[[package]]\nname = "from-cargo"\nversion = "1.0.0"\nsource = "registry+https://example.org"\n',
  'src/uv/uv.lock': '[[package]]\nname = "from-uv"\nversion = "1.0.0"\n',
  'src/pylock/pylock.toml': '[[packages]]\nname = "from-pylock"\nversion = "1.0.0"\n',
  'src/pyproject/pyproject.toml': '[project]\ndependencies = ["from-pyproject"]\n',
  'src/pip/requirements.txt': 'from-requirements==1\n-r more/base.txt\n',
  'src/pip/more/base.txt': 'from-include\n',
  'src/pip/constraints.txt': 'from-constraints<2\n',
  'brew/Cellar/from-brew/1.0/INSTALL_RECEIPT.json': '{"source":{"tap":"homebrew/core"},"installed_on_request":true}',
  'brew/Caskroom/from-cask/1.0/x': '',
  'brew/Caskroom/from-cask/.metadata/INSTALL_RECEIPT.json': '{"source":{"tap":"homebrew/cask"}}',
  '.vscode/extensions/extensions.json': extensions,
  '.cursor/extensions/sound.extension-1.0.0/package.json': manifest,
  '.cursor/extensions/.obsolete': '{}',
  '.npm-global/lib/node_modules/from-global/package.json': '{"version":"1.0.0"}',
  '.npm-global/lib/node_modules/from-global/node_modules/from-below/package.json': '{"version":"1.0.0"}',
  '.config/Claude/claude_desktop_config.json': '{"mcpServers":{"from-desktop":{"command":"x"}}}',
  'system/dpkg/status': paragraph('from-dpkg'),
  'system/dpkg/status.d/one': paragraph('from-status-folder'),
  'system/apt/extended_states': 'Package: from-dpkg\nArchitecture: amd64\nAuto-Installed: 1\n',
}

/** What a scan of all that finds, by surface. */
export const packageHomeItems: Readonly<Record<string, readonly string[]>> = {
  homebrew: ['from-brew', 'from-cask'],
  javascriptPackages: ['from-bun', 'from-npm', 'from-pnpm', 'from-shrinkwrap', 'from-yarn'],
  pythonPackages: ['from-constraints', 'from-include', 'from-pylock', 'from-pyproject', 'from-requirements', 'from-uv'],
  goModules: ['example.org/from-go'],
  cargoPackages: ['from-cargo'],
  vscodeExtensions: ['sound.extension', 'sound.listed'],
  npmGlobalPackages: ['from-below', 'from-global'],
  claudeDesktopConfig: ['from-desktop'],
  debianPackages: ['from-dpkg', 'from-status-folder'],
  rpmPackages: ['muster-sample', 'other-sample'],
}

/** An RPM database of the SQLite kind with two packages in it. */
export const putRpmDatabase = (folder: string): void => {
  mkdirSync(folder, { recursive: true })
  const db = new DatabaseSync(join(folder, 'rpmdb.sqlite'))
  // It need not outlive a power cut, and there is one for every test.
  db.exec('pragma synchronous = off; pragma journal_mode = memory')
  db.exec('create table Packages (hnum integer primary key autoincrement, blob blob not null)')
  const insert = db.prepare('insert into Packages (blob) values (?)')
  for (const line of headers.trim().split('\n')) insert.run(Buffer.from(line, 'base64'))
  db.close()
}

/** The agent's settings for it. */
export const packageHomeSettings = (home: string, changed: Readonly<Record<string, unknown>> = {}) => ({
  home,
  watch: { projectRoots: ['src'] },
  homebrew: { prefixes: ['brew'] },
  ...changed,
})
