// `doctor`: looks at what a server needs on this machine and says, line by line, what to put right.
// What it looks at is doctor/.
import { examine } from '../doctor/examine.ts'
import type { RunCommand } from './command.ts'

const marks = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const

export const run: RunCommand = async ({ server, switches, console }) => {
  const findings = await examine(server, Date.now())
  if (switches.has('json')) console.out(JSON.stringify(findings, null, 2))
  else {
    for (const { matter, standing, says, fix } of findings) {
      console.out(`${marks[standing]}  ${matter.padEnd(20)} ${says}${fix === undefined ? '' : `; ${fix}`}`)
    }
  }
  return findings.some(({ standing }) => standing === 'fail') ? 1 : 0
}
