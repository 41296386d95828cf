// `muster version`: which program this is; asks no server.
// The server's version is in `muster status`.
import type { Command } from 'commander'
import type { Acting, Desk } from '../session.ts'
import { ownVersion } from '../version.ts'

const version = ({ print }: Desk): Promise<void> =>
  print.isJson
    ? print.json({ version: ownVersion, node: process.version, platform: process.platform })
    : print.line(`muster ${ownVersion} (node ${process.version}, ${process.platform})`)

export const addVersionCommand = (muster: Command, { offline }: Acting): void => {
  muster.command('version').description('which program this is').action(offline(version))
}
