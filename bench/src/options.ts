// What the command line says: which cases, how large, how long, and where the result goes.
// What a case does is in cases/.
import { parseArgs } from 'node:util'
import { CASES } from './cases/cases.ts'
import { SCALES, type Scale, type ScaleName } from './cases/scale.ts'

export interface Options {
  readonly cases: readonly string[]
  readonly scaleName: ScaleName
  readonly scale: Scale
  readonly jsonFile: string | undefined
  readonly profiles: boolean
}

export const helpText = `npm run bench -- [options]

  --case NAME      only this one; may be said several times: ${Object.keys(CASES).join(', ')}
  --scale NAME     full (default; about half an hour, 10 GB of disk) or small (some minutes)
  --seconds N      how long each rate is measured, at most an hour
  --json FILE      where the result goes besides the terminal; else a file in bench/results
  --profile        show where the server's time went; the rates of such a run are far too low
`

const flags = {
  case: { type: 'string', multiple: true },
  scale: { type: 'string', default: 'full' },
  seconds: { type: 'string' },
  json: { type: 'string' },
  profile: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** An hour, which is how long agents are soaked. */
const mostSeconds = 3600

const isScale = (name: string): name is ScaleName => Object.hasOwn(SCALES, name)

/** `help` when that is what was asked for; throws an error with a sentence for people when something cannot be meant. */
export const readOptions = (args: readonly string[]): Options | 'help' => {
  const { values } = parseArgs({ args: [...args], options: flags })
  if (values.help) return 'help'
  const unknown = values.case?.find((name) => !Object.hasOwn(CASES, name))
  if (unknown !== undefined) throw new Error(`there is no case ${unknown}; there are ${Object.keys(CASES).join(', ')}`)
  if (!isScale(values.scale)) throw new Error(`--scale is full or small, not ${values.scale}`)
  const seconds = values.seconds === undefined ? SCALES[values.scale].seconds : Number(values.seconds)
  if (!(seconds > 0 && seconds <= mostSeconds))
    throw new Error(`--seconds is a number of seconds, at most ${mostSeconds}`)
  return {
    cases: Object.keys(CASES).filter((name) => values.case?.includes(name) ?? true),
    scaleName: values.scale,
    scale: { ...SCALES[values.scale], seconds },
    jsonFile: values.json,
    profiles: values.profile,
  }
}
