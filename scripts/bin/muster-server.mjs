#!/usr/bin/env node
// The command `muster-server` of this checkout, on the Node it pins.
// What the command does is in apps/server.
import { runProgram } from '../with-node.mjs'

await runProgram('apps/server/src/main.ts')
