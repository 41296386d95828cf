// The command line of `npm run package` taken apart: for which systems, in which forms, and where to.
// Which systems there are is targets.ts.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { TARGETS, type Target } from './targets.ts'

/** `archive` and `deb` are handed out; `folder` is what they contain, to be run in place. */
export const FORMS = ['archive', 'deb', 'folder'] as const
export type Form = (typeof FORMS)[number]

export interface Wishes {
  readonly targets: readonly Target[]
  readonly forms: readonly Form[]
  readonly out: string
  readonly isQuick: boolean
}

export const helpText = `Usage: npm run package -- [FLAGS]

  --target NAME   one of ${TARGETS.map(({ name }) => name).join(', ')}; repeat for several, all when there is none
  --form FORM     one of ${FORMS.join(', ')}; repeat for several, archive and deb when there is none
  --out DIR       where to put them (default: dist)
  --quick         compress little, for trying
`

const flags = {
  target: { type: 'string', multiple: true },
  form: { type: 'string', multiple: true },
  out: { type: 'string' },
  quick: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

const targetNamed = (name: string): Target => {
  const found = TARGETS.find((target) => target.name === name)
  if (found === undefined) throw new Error(`there is no target "${name}"; see npm run package -- --help`)
  return found
}

const formNamed = (name: string): Form => {
  const found = FORMS.find((form) => form === name)
  if (found === undefined) throw new Error(`there is no form "${name}"; see npm run package -- --help`)
  return found
}

/** Throws, in one line, for a slip; relative folders start at `from`. */
export const readWishes = (argv: readonly string[], from: string): Wishes | 'help' => {
  const { values } = parseArgs({ args: [...argv], options: flags })
  if (values.help === true) return 'help'
  return {
    targets: values.target?.map(targetNamed) ?? TARGETS,
    forms: values.form?.map(formNamed) ?? ['archive', 'deb'],
    out: resolve(from, values.out ?? 'dist'),
    isQuick: values.quick ?? false,
  }
}
