// Loaded ahead of a program: the system has no watch left for it, as on a machine where other programs took them all.
// What the program does without is the test's question.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

fs.watch = () => {
  throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' })
}
syncBuiltinESMExports()
