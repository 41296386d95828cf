// The folder that every package of the agent contains: a launcher, the one file, its Node, and the papers.
// What is put around it is archive.ts and deb.ts.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../with-node.mjs'
import { type Bundle, noticesOf } from './bundle.ts'
import { isWindows, type Target } from './targets.ts'

export interface Contents {
  readonly bundle: Bundle
  readonly version: string
  readonly nodeVersion: string
  /** The target's program Node. */
  readonly node: string
}

export const deployed = (path: string): string => join(root, 'deploy', path)

const writeFile = (path: string, content: string | Uint8Array, mode = 0o644): void => {
  writeFileSync(path, content)
  chmodSync(path, mode)
}

const folders = (paths: readonly string[]): void => {
  for (const path of paths) {
    mkdirSync(path, { recursive: true })
    chmodSync(path, 0o755)
  }
}

/** bin/ and lib/: all that is needed to run, wherever they are put together. */
export const layProgram = (folder: string, target: Target, { bundle, node }: Contents): void => {
  const [launcher, program] = isWindows(target) ? ['muster-agent.cmd', 'node.exe'] : ['muster-agent', 'node']
  folders([folder, join(folder, 'bin'), join(folder, 'lib')])
  writeFile(join(folder, 'bin', launcher), readFileSync(deployed(`bin/${launcher}`)), 0o755)
  writeFile(join(folder, 'lib', 'muster-agent.mjs'), bundle.code)
  copyFileSync(node, join(folder, 'lib', program))
  chmodSync(join(folder, 'lib', program), 0o755)
}

/** The licences of everything in the package that others wrote. */
export const papersOf = ({ bundle, nodeVersion }: Contents): string =>
  noticesOf(bundle.libraries, nodeVersion, readFileSync(deployed('node-license.txt'), 'utf8'))

/** The whole folder, as a person unpacks it. */
export const layFolder = (folder: string, target: Target, contents: Contents): void => {
  layProgram(folder, target, contents)
  writeFile(join(folder, 'README.txt'), readFileSync(deployed('README.txt')))
  writeFile(join(folder, 'THIRD-PARTY.txt'), papersOf(contents))
}
