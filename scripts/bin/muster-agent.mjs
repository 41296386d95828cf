#!/usr/bin/env node
// The command `muster-agent` of this checkout, on the Node it pins.
// What the command does is in apps/agent.
import { runProgram } from '../with-node.mjs'

await runProgram('apps/agent/src/main.ts')
