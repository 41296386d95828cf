// `muster-agent doctor`: what keeps this agent from working, and what to do about it; exit code 1 when something does.
// The questions are doctor/examine.ts.
import { examine } from '../doctor/examine.ts'
import { PlainFault } from '../plain-fault.ts'
import { tame } from '../program/tame.ts'
import type { CommandContext } from './context.ts'

const marks = { good: 'ok', note: '--', bad: '!!' } as const

export const doctor = async ({ configuration, configurationFault, arguments: asked, print }: CommandContext) => {
  const answers = await examine(configuration, configurationFault)
  if (asked.json) print(`${JSON.stringify({ answers }, null, 2)}\n`)
  else
    for (const { question, verdict, said } of answers)
      print(`${tame(`${marks[verdict]}  ${question.padEnd(14)} ${said}`)}\n`)
  const bad = answers.filter(({ verdict }) => verdict === 'bad')
  if (bad.length > 0) throw new PlainFault(`${bad.length} of ${answers.length} need attention`)
}
