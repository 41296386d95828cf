// A rule that looks for a package by its name in what is there, for tests of trials.
// What a rule may say else is the contract's.
import type { Rule } from '@muster/contract'

export const rule = (id: string, more: Partial<Rule> = {}): Rule => ({
  id,
  surface: 'javascriptPackages',
  enabled: true,
  triggers: ['present'],
  match: 'fieldContainsAny',
  field: 'name',
  values: ['axios'],
  severity: 'critical',
  title: 'T',
  rationale: 'R',
  ...more,
})
