// `npm test`: every check of this checkout, or those that are named.
// This part installs what is missing and runs on any Node from 20; test/main.ts does the rest on the pinned one.
import { ensureInstalled } from './install.mjs'
import { runProgram } from './with-node.mjs'

try {
  await ensureInstalled()
  await runProgram('scripts/test/main.ts')
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault)
  process.exitCode = 1
}
