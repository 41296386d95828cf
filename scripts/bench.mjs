// `npm run bench`: the measurements of bench/, on the pinned Node; plain JavaScript, because `node` may be any.
// What is measured and how is bench/'s; here is only what Node is told, because the load runs in that process.
import { runProgram } from './with-node.mjs'

// A collection of the load's own keeps replies from being read and requests from being sent, and latencies would tell
// of that instead of the server: with V8's own settings one came every two seconds and took a tenth of one.
const quiet = ['--no-allocation-site-pretenuring', '--min-semi-space-size=64', '--max-semi-space-size=64']

await runProgram('bench/src/main.ts', quiet)
