// Fills in what a config file leaves to the machine it lies on (orchestration 13.3), one string value at a time,
// so that nothing filled in can change the structure of the file. Reading files is each program's own.

/** The computer as a configuration file may speak of it. */
export interface TemplateMachine {
  readonly platform: 'linux' | 'macos' | 'windows'
  readonly arch: string
  readonly host: string
  readonly user: string
  readonly env: Readonly<Record<string, string | undefined>>
}

export type Rendered<Value> = { readonly value: Value } | { readonly fault: string }

export interface TemplateWorld {
  readonly machine: TemplateMachine
  readonly vars: Readonly<Record<string, string>>
}

type Piece = { readonly kind: 'text' | 'print' | 'statement'; readonly text: string }

const pieces = (text: string): readonly Piece[] =>
  text
    .split(/(\{\{.*?\}\}|\{%.*?%\})/s)
    .filter((part) => part !== '')
    .map((part) => {
      if (part.startsWith('{{') && part.endsWith('}}')) return { kind: 'print', text: part.slice(2, -2).trim() }
      if (part.startsWith('{%') && part.endsWith('%}')) return { kind: 'statement', text: part.slice(2, -2).trim() }
      return { kind: 'text', text: part }
    })

const callOfEnv = /^env\(\s*name\s*=\s*(?:"([^"]*)"|'([^']*)')\s*(?:,\s*default\s*=\s*(?:"([^"]*)"|'([^']*)')\s*)?\)$/

const readVariable = (name: string, fallback: string | undefined, { machine }: TemplateWorld): Rendered<string> => {
  const value = machine.env[name] ?? fallback
  return value === undefined ? { fault: `the environment has no ${name} and env() names no default` } : { value }
}

const evaluate = (expression: string, world: TemplateWorld): Rendered<string> => {
  const { machine, vars } = world
  const system: Record<string, string> = {
    'system.host': machine.host,
    'system.os': machine.platform,
    'system.arch': machine.arch,
    'system.user': machine.user,
  }
  const known = Object.hasOwn(system, expression) ? system[expression] : undefined
  if (known !== undefined) return { value: known }
  const variable = /^vars\.([A-Za-z_]\w*)$/.exec(expression)?.[1]
  if (variable !== undefined) {
    const value = Object.hasOwn(vars, variable) ? vars[variable] : undefined
    return value === undefined ? { fault: `there is no variable "${variable}" under vars` } : { value }
  }
  const call = callOfEnv.exec(expression)
  if (call !== null) return readVariable(call[1] ?? call[2] ?? '', call[3] ?? call[4], world)
  return {
    fault: `"{{ ${expression} }}" is not known here; there are system.host, system.os, system.arch, system.user, vars.NAME and env(name="…", default="…")`,
  }
}

const conditions: Record<string, (machine: TemplateMachine) => boolean> = {
  'if is_windows()': (machine) => machine.platform === 'windows',
  'if is_linux()': (machine) => machine.platform === 'linux',
  'if is_macos()': (machine) => machine.platform === 'macos',
}

/** The text with every `{{ … }}` and `{% if … %}` replaced, or the first reason why that cannot be done. */
export const renderTemplate = (text: string, world: TemplateWorld): Rendered<string> => {
  let rendered = ''
  // One entry per open `if`: whether its present branch counts, and whether `else` was seen.
  const open: { counts: boolean; inElse: boolean }[] = []
  for (const piece of pieces(text)) {
    const counts = open.every((branch) => branch.counts)
    if (piece.kind === 'text') {
      if (counts) rendered += piece.text
    } else if (piece.kind === 'print') {
      if (!counts) continue
      const printed = evaluate(piece.text, world)
      if ('fault' in printed) return printed
      rendered += printed.value
    } else {
      const problem = branch(piece.text, open, world.machine)
      if (problem !== null) return { fault: problem }
    }
  }
  return open.length === 0 ? { value: rendered } : { fault: 'an {% if %} is not closed by {% endif %}' }
}

const branch = (
  statement: string,
  open: { counts: boolean; inElse: boolean }[],
  machine: TemplateMachine,
): string | null => {
  const condition = conditions[statement.replaceAll(/\s+/g, ' ')]
  if (condition !== undefined) {
    open.push({ counts: condition(machine), inElse: false })
    return null
  }
  const last = open.at(-1)
  if (statement === 'else' && last !== undefined && !last.inElse) {
    open[open.length - 1] = { counts: !last.counts, inElse: true }
    return null
  }
  if (statement === 'endif' && last !== undefined) {
    open.pop()
    return null
  }
  return `"{% ${statement} %}" is not known here; there are if is_windows(), if is_linux(), if is_macos(), else and endif`
}

const mostRounds = 16

/** Variables may name each other; they are filled in again until nothing changes. */
export const resolveVariables = (
  raw: Readonly<Record<string, string>>,
  machine: TemplateMachine,
): Rendered<Readonly<Record<string, string>>> => {
  let vars = raw
  for (let round = 0; round < mostRounds; round += 1) {
    const next: Record<string, string> = {}
    for (const [name, text] of Object.entries(vars)) {
      const rendered = renderTemplate(text, { machine, vars })
      if ('fault' in rendered) return { fault: `vars.${name}: ${rendered.fault}` }
      next[name] = rendered.value
    }
    if (Object.entries(next).every(([name, text]) => text === vars[name])) return { value: next }
    vars = next
  }
  return { fault: 'the variables under vars refer to each other in a circle' }
}
