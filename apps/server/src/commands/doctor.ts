// `doctor`: looks at what a server needs on this machine and says, line by line, what to put right.
// What it looks at is doctor/.
import { examine } from '../doctor/examine.ts'
import type { Command } from './command.ts'

const marks = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const

export const doctor: Command = {
  help: 'look at folder, disk, database, certificates, ports and clock, and say what to put right',
  names: [],
  async run({ server, switches, console }) {
    const findings = await examine(server, Date.now())
    if (switches.has('json')) console.out(JSON.stringify(findings, null, 2))
    else {
      for (const { matter, standing, says, fix } of findings) {
        console.out(`${marks[standing]}  ${matter.padEnd(20)} ${says}${fix === undefined ? '' : `; ${fix}`}`)
      }
    }
    return findings.some(({ standing }) => standing === 'fail') ? 1 : 0
  },
}
