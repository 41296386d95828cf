// Proof that sound rules which will disappoint are pointed out, and that others are left in peace.
// Warnings never stop a revision; what does is tested in validate.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BASE_VOCABULARY } from '@muster/contract'
import { adviseOnNewRules } from './advise.ts'
import { examinePolicy } from './examine.ts'

const head = ['apiVersion: fleet/v1', 'kind: Policy', 'metadata: { name: engineering }', 'agent:']

const examine = (agent: readonly string[]) =>
  examinePolicy([...head, ...agent.map((line) => `  ${line}`)].join('\n'), {
    mayWidenScan: false,
    vocabulary: BASE_VOCABULARY,
  })

const warningsOf = (agent: readonly string[]) => {
  const judged = examine(agent)
  assert.deepEqual(judged.errors, [])
  return judged.warnings.map(({ code, path, line, column }) => `${code} ${path} ${line}:${column}`)
}

const rule = (change: Readonly<Record<string, string>>): string => {
  const usual = { id: 'acme.x', surface: 'homebrew', match: 'always', severity: 'info', title: 'T', rationale: 'R' }
  const members = Object.entries({ ...usual, ...change }).map(([key, value]) => `${key}: ${value}`)
  return `  - { ${members.join(', ')} }`
}

const only = (...rules: readonly string[]) => ['includeBuiltinRules: false', 'rules:', ...rules]
const present = { triggers: '[added, present]' }
const packages = { surface: 'javascriptPackages' }
const manyNames = `[${Array.from({ length: 100 }, (_, at) => `p${at}`).join(', ')}]`

interface Case {
  readonly name: string
  readonly agent: readonly string[]
  readonly want: readonly string[]
}

const cases: readonly Case[] = [
  { name: 'no rules, no advice', agent: ['watch: {}'], want: [] },
  {
    name: 'a present rule that always matches is broad',
    agent: only(rule({ ...present })),
    want: ['broad_present_rule /agent/rules/0 7:7'],
  },
  {
    name: 'without present it is not',
    agent: only(rule({})),
    want: [],
  },
  {
    name: 'a disabled rule needs no advice',
    agent: only(rule({ ...present, enabled: 'false' })),
    want: [],
  },
  {
    name: 'a present rule with a short list of allowed packages is broad',
    agent: only(rule({ ...present, ...packages, match: 'fieldNotInList', field: 'name', allowed: '[left-pad]' })),
    want: ['broad_present_rule /agent/rules/0 7:7'],
  },
  {
    name: 'with a long list it is not',
    agent: only(rule({ ...present, ...packages, match: 'fieldNotInList', field: 'name', allowed: manyNames })),
    want: [],
  },
  {
    name: 'a present rule on the kind of a package is broad',
    agent: only(rule({ ...present, ...packages, match: 'fieldContainsAny', field: 'kind', values: '[package]' })),
    want: ['broad_present_rule /agent/rules/0 7:7'],
  },
  {
    name: 'a present rule on direct dependencies is broad, on others it is not',
    agent: only(
      rule({ ...present, ...packages, match: 'flagEquals', flag: 'isDirectDependency', expected: 'true' }),
      rule({ ...present, ...packages, id: 'b', match: 'flagEquals', flag: 'isDirectDependency', expected: 'false' }),
    ),
    want: ['broad_present_rule /agent/rules/0 7:7'],
  },
  {
    name: 'a present rule on package names is what present is for',
    agent: only(rule({ ...present, ...packages, match: 'fieldContainsAny', field: 'name', values: '[event-stream]' })),
    want: [],
  },
  {
    name: 'flags that no sensor knows',
    agent: only(
      rule({ ...packages, match: 'flagEquals', flag: 'hasInstallScript', expected: 'true' }),
      rule({ ...packages, id: 'b', match: 'flagEquals', flag: 'isEditable', expected: 'false' }),
    ),
    want: ['flag_never_known /agent/rules/0/flag 7:115', 'flag_never_known /agent/rules/1/flag 8:110'],
  },
  {
    name: 'a list of names cannot ask for the kind on an agent surface, and is no trouble elsewhere',
    agent: only(
      rule({ surface: 'cursorConfig', match: 'fieldNotInList', field: 'name', allowed: '[github]' }),
      rule({ match: 'fieldNotInList', field: 'name', allowed: '[git]' }),
      rule({ id: 'b', surface: 'cursorConfig', match: 'fieldNotInList', field: 'origin', allowed: '[npx]' }),
    ),
    want: ['list_without_kind /agent/rules/0 7:7'],
  },
  {
    name: 'lists without entries never fire',
    agent: only(
      rule({ triggers: '[]' }),
      rule({ id: 'b', match: 'fieldContainsAny', field: 'name', values: '[]' }),
      rule({ id: 'c', match: 'fieldHasURLScheme', field: 'name', schemes: '[]' }),
    ),
    want: [
      'rule_never_fires /agent/rules/0/triggers 7:105',
      'rule_never_fires /agent/rules/1/values 8:121',
      'rule_never_fires /agent/rules/2/schemes 9:123',
    ],
  },
  {
    name: 'the same search twice, in another order of values, shadows the second',
    agent: only(
      rule({ match: 'fieldContainsAny', field: 'name', values: '[a, b]' }),
      rule({ id: 'b', match: 'fieldContainsAny', field: 'name', values: '[b, a, b]' }),
      rule({ id: 'c', match: 'fieldContainsAny', field: 'path', values: '[a, b]' }),
    ),
    want: ['shadowed_rule /agent/rules/1 8:7'],
  },
  {
    name: 'the same search on other triggers is another rule',
    agent: only(rule({ triggers: '[added]' }), rule({ id: 'b', triggers: '[removed]' })),
    want: [],
  },
  {
    name: 'a built-in rule shadows too, where built-in rules are included',
    agent: [
      'includeBuiltinRules: true',
      'rules:',
      rule({ match: 'fieldNotInList', field: 'origin', allowed: '[homebrew/cask, homebrew/core]' }),
    ],
    want: ['shadowed_rule /agent/rules/0 7:7'],
  },
  {
    name: 'a list that replaces the built-in rules without saying so',
    agent: ['rules:', rule({})],
    want: ['built_in_rules_left_out /agent/rules 6:5'],
  },
]

for (const { name, agent, want } of cases) test(name, () => assert.deepEqual(warningsOf(agent), want))

test('more than twenty rules that were not there before are many; known ones are not counted', () => {
  const names = Array.from({ length: 21 }, (_, at) => `p${at}`)
  const agent = only(
    ...names.map((name) => rule({ id: name, match: 'fieldContainsAny', field: 'name', values: `[${name}]` })),
  )
  const { document } = examine(agent)
  assert.ok(document !== null)
  const { rules, rulesPlace } = document
  const { message, ...warning } = adviseOnNewRules(rules, rulesPlace, [])[0] ?? assert.fail()
  assert.deepEqual(warning, { code: 'many_new_rules', path: '/agent/rules', line: 7, column: 5 })
  assert.match(message, /^21 rules/)
  assert.deepEqual(adviseOnNewRules(rules, rulesPlace, [{ id: 'p7', surface: 'homebrew' }]), [])
  assert.equal(adviseOnNewRules(rules, rulesPlace, [{ id: 'p7', surface: 'claudeConfig' }]).length, 1)
})

test('a sound rule gets its advice even when another rule has faults', () => {
  const { errors, warnings } = examine(only(rule({ ...present }), rule({ id: 'B' })))
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['malformed_rule_id'],
  )
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['broad_present_rule'],
  )
})
