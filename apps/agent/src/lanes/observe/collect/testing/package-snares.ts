// A home of packages in which everything that can lead a scan elsewhere does: links, includes, workspaces, hard names.
// What a scan must make of it is the test's. The product never imports it.
import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { groundWith } from './ground.ts'
import { packageHomeFiles } from './package-home.ts'

export const link = (home: string, path: string, target: string): void => {
  const at = join(home, path)
  mkdirSync(dirname(at), { recursive: true })
  symlinkSync(target, at)
}

/** What every link and every include below leads to: sound, and nobody's business. */
const elsewhereFiles = {
  ...Object.fromEntries(
    Object.entries(packageHomeFiles).map(([path, text]) => [path, text.replaceAll(/from-|sound/g, 'leaked-')]),
  ),
  'more.txt': 'leaked-include\n',
  'INSTALL_RECEIPT.json': '{"source":{"tap":"leaked/tap"}}',
}

/** By where they lie, relative to the home; what they lead to is relative to the folder elsewhere. */
const linksOut: Readonly<Record<string, string>> = {
  // Below a project root: files, folders, and a folder on the way of an include.
  'src/out/package-lock.json': 'src/npm/package-lock.json',
  'src/out/pnpm-lock.yaml': 'src/pnpm/pnpm-lock.yaml',
  'src/out/yarn.lock': 'src/yarn/yarn.lock',
  'src/out/bun.lock': 'src/bun/bun.lock',
  'src/out/go.sum': 'src/go/go.sum',
  'src/out/Cargo.lock': 'src/rust/Cargo.lock',
  'src/out/uv.lock': 'src/uv/uv.lock',
  'src/out/pylock.toml': 'src/pylock/pylock.toml',
  'src/out/pyproject.toml': 'src/pyproject/pyproject.toml',
  'src/out/requirements.txt': 'src/pip/requirements.txt',
  'src/out/npm-shrinkwrap.json': 'src/shrunk/npm-shrinkwrap.json',
  'src/folder-out': 'src',
  'src/leads/out': 'src/pip',
  'src/leads/more.txt': 'more.txt',
  // Below Homebrew's prefix.
  'brew/Cellar/leaked-rack': 'brew/Cellar/from-brew',
  'brew/Cellar/bare/leaked-version': 'brew/Cellar/from-brew/1.0',
  'brew/Cellar/linked-receipt/1.0/INSTALL_RECEIPT.json': 'INSTALL_RECEIPT.json',
  'brew/Caskroom/linked-metadata/.metadata': '.',
  'brew/Caskroom/leaked-cask': 'brew/Caskroom/from-cask',
  // Below an editor's folder.
  '.cursor/extensions/leaked-folder': '.cursor/extensions/sound.extension-1.0.0',
  '.cursor/extensions/linked-manifest/package.json': '.cursor/extensions/sound.extension-1.0.0/package.json',
  '.windsurf/extensions/extensions.json': '.vscode/extensions/extensions.json',
  '.kiro/extensions/.obsolete': '.cursor/extensions/.obsolete',
  // Below a global folder of npm.
  '.npm-global/lib/node_modules/leaked-link': '.npm-global/lib/node_modules/from-global',
  '.npm-global/lib/node_modules/@leaked-scope': '.npm-global/lib/node_modules',
  '.npm-global/lib/node_modules/linked-manifest/package.json': '.npm-global/lib/node_modules/from-global/package.json',
  '.npm-global/lib/node_modules/from-global/node_modules/from-below/node_modules': '.npm-global/lib/node_modules',
  '.nvm/versions/node/leaked-version': '.npm-global',
  '.nvm/versions/node/v1/lib': '.npm-global/lib',
  // Below dpkg's folder.
  'system/dpkg/status.d/leaked-package': 'system/dpkg/status',
}

const requirements = (elsewhere: string): string =>
  [
    '../../../more.txt',
    `${elsewhere}/more.txt`,
    `sub/../../..${elsewhere}/more.txt`,
    `file://${elsewhere}/more.txt`,
    '~/other/more.txt',
    'out/constraints.txt',
    'more.txt',
    '..\\..\\more.txt',
    '%2e%2e/more.txt',
    'sub',
    'sub/inner.txt',
  ]
    .map((path) => `-r ${path}\n-c ${path}\n`)
    .join('')

/** Workspaces and replacements that lead out of their project; nothing that a scan reads may follow them. */
const workspaces = (elsewhere: string): Readonly<Record<string, string>> => ({
  'src/work/package.json': JSON.stringify({ workspaces: ['../../other/*', `${elsewhere}/*`] }),
  'src/work/package-lock.json': JSON.stringify({
    packages: {
      '../../other': { version: '1.0.0' },
      'node_modules/../../../other': { resolved: '../../other', link: true },
      'node_modules/from-work': { version: '1.0.0', resolved: `file:${elsewhere}` },
    },
  }),
  'src/work/pnpm-workspace.yaml': `packages: ["../../other/*", "${elsewhere}"]\n`,
  'src/work/Cargo.toml': `[workspace]\nmembers = ["../../other", "${elsewhere}"]\n`,
  'src/work/Cargo.lock': '[[package]]\nname = "mine"\nversion = "1.0.0"\n',
  'src/work/go.work': `use ../../other\nuse ${elsewhere}\n`,
  'src/work/go.mod': `replace example.org/x => ${elsewhere}\n`,
  'src/work/pyproject.toml': `[tool.uv.workspace]\nmembers = ["../../other", "${elsewhere}"]\n`,
  'src/work/uv.lock': `[[package]]\nname = "from-work"\nsource = { editable = "../../other" }\n`,
})

/** Names that a path, a pattern, an address or a query could be cut or changed by. */
export const hardNames = [
  ...' |a b|-r|#|?immutable=0|%2e%2e|..x|...|~|$HOME|*|[a-z]|{a,b}|a\\b|a:b|\n|\t|\u001b[2J|\'|"|\u202e|e\u0301|\u00e9'.split(
    '|',
  ),
  '\u{1f4e6}',
  'x'.repeat(255),
]

/** Where a link may lead somewhere inside as well, so that it has to be asked: includes, and versions of Node. */
export const linksToAsk = [
  'src/leads/out/constraints.txt',
  'src/leads/out/more/base.txt',
  '.nvm/versions/node/v1/lib/node_modules',
]

/** A home that is sound but for what tries to lead a scan elsewhere, to a folder outside of it. */
export const homeWithSnares = () => {
  const elsewhere = groundWith(elsewhereFiles)
  const home = groundWith({
    ...packageHomeFiles,
    ...workspaces(elsewhere),
    ...Object.fromEntries(hardNames.map((name) => [`src/hard/${name}/go.sum`, 'example.org/hard v1.0.0 h1:x=\n'])),
    'other/more.txt': 'leaked-other\n',
    'src/more.txt': 'leaked-above\n',
    'src/leads/requirements.txt': requirements(elsewhere),
    'src/leads/sub/inner.txt': `from-inner\n-r ../../../other/more.txt\n-r ../out/more/base.txt\n`,
    'brew/Caskroom/linked-metadata/1.0/x': '',
  })
  for (const [path, target] of Object.entries(linksOut)) link(home, path, join(elsewhere, target))
  link(home, 'root-out', join(elsewhere, 'src'))
  link(home, 'root-in', join(home, 'src', 'go'))
  return { home, elsewhere }
}
