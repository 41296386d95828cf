#!/usr/bin/env node
// The command `muster` of this checkout, on the Node it pins.
// What the command does is in apps/cli.
import { runProgram } from '../with-node.mjs'

await runProgram('apps/cli/src/main.ts')
