// `npm run up`: Muster on this computer, from a fresh checkout to a server with its first device.
// This part installs what is missing and runs on any Node from 20; up/main.ts does the rest on the pinned one.
import { ensureInstalled } from './install.mjs'
import { runProgram } from './with-node.mjs'

try {
  await ensureInstalled()
  await runProgram('scripts/up/main.ts')
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault)
  process.exitCode = 1
}
