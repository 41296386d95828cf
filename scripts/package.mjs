// `npm run package`: the agent as downloads for machines that have nothing of this checkout.
// This part installs what is missing and runs on any Node from 20; package/main.ts does the rest on the pinned one.
import { ensureInstalled } from './install.mjs'
import { runProgram } from './with-node.mjs'

try {
  await ensureInstalled()
  await runProgram('scripts/package/main.ts')
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault)
  process.exitCode = 1
}
