// Fills in what a configuration leaves to the machine it lies on, text by text, wherever in the document a text stands.
// What may be filled in is the kernel's template; which keys there are is schema.ts.
import { renderTemplate, resolveVariables, type TemplateMachine, type TemplateWorld } from '@muster/kernel'
import type { KeyPath } from './document.ts'

export type FilledIn =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly path: KeyPath; readonly message: string }

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const entriesOf = (value: object): readonly (readonly [PropertyKey, unknown])[] =>
  Array.isArray(value) ? value.map((inner, at) => [at, inner] as const) : Object.entries(value)

const fill = (value: unknown, path: KeyPath, world: TemplateWorld): FilledIn => {
  if (typeof value === 'string') {
    const rendered = renderTemplate(value, world)
    return 'value' in rendered ? { ok: true, value: rendered.value } : { ok: false, path, message: rendered.fault }
  }
  if (!isMapping(value) && !Array.isArray(value)) return { ok: true, value }
  const entries: [PropertyKey, unknown][] = []
  for (const [key, inner] of entriesOf(value)) {
    const filled = fill(inner, [...path, key], world)
    if (!filled.ok) return filled
    entries.push([key, filled.value])
  }
  return { ok: true, value: Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries) }
}

const textsOnly = (vars: Record<string, unknown>): vars is Record<string, string> =>
  Object.values(vars).every((value) => typeof value === 'string')

/** The document with its `vars` resolved, used everywhere, and gone (orchestration 13.3). */
export const fillIn = (document: unknown, machine: TemplateMachine): FilledIn => {
  if (!isMapping(document)) return { ok: true, value: document }
  const { vars: said = {}, ...rest } = document
  const path = ['vars']
  if (!isMapping(said) || !textsOnly(said)) return { ok: false, path, message: 'vars must be a mapping of texts' }
  const vars = resolveVariables(said, machine)
  return 'value' in vars ? fill(rest, [], { machine, vars: vars.value }) : { ok: false, path, message: vars.fault }
}
