#!/usr/bin/env node
// The command `muster-server` of this checkout, on the Node it pins.
// What the command does is in apps/server.
import { runProgram } from '../with-node.mjs'

// A checkout that is not installed has no packages yet, and hears that from whoever starts the program.
const { serverFlags } = await import('@muster/server/node-flags').catch(() => ({ serverFlags: [] }))

await runProgram('apps/server/src/main.ts', serverFlags)
