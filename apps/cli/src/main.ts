// The program `muster`: one run in the real world, and its exit code.
// What a run is, is run.ts; this file only starts it early and from compiled code where there is some.
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// A folder of the user's own: code that others could have put there must not run.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'muster', 'compiled'))

const { runHere } = await import('./real-world.ts')
process.exitCode = await runHere(process.argv.slice(2))
