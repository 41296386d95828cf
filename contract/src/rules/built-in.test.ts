// Proof that the built-in rules are the published 64, word for word where agents and findings depend on it.
// How rules are merged with authored ones is tested in the policy feature.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BUILT_IN_RULES } from './built-in.ts'
import { foreignWord, type Rule, ruleKey } from './rule.ts'
import { BASE_VOCABULARY, PARAMETERS } from './vocabulary.ts'

const agent = 'claudeConfig codexConfig piConfig cursorConfig opencodeConfig'
const both = 'added modified'

// One line per row of the published table: id, surfaces, triggers, match, what it matches, severity.
const published = [
  ['agent.config.ephemeral-runner', agent, both, 'fieldContainsAny', 'detail npx,uvx,bunx,pnpm dlx', 'notable'],
  [
    'agent.config.suspicious-command',
    agent,
    both,
    'fieldContainsAny',
    'detail curl,wget,| sh,| bash,bash -c,sh -c,eval,base64',
    'suspicious',
  ],
  ['agent.config.remote-transport', agent, both, 'fieldHasURLScheme', 'detail http,https,ws,wss', 'notable'],
  ['agent.mcp.dynamic-auth-helper', agent, both, 'fieldContainsAny', 'detail headersHelper', 'notable'],
  ['agent.mcp.new-server', agent, 'added', 'fieldContainsAny', 'kind mcpServer', 'notable'],
  ['agent.config.new-hook', agent, 'added', 'fieldContainsAny', 'kind hook', 'notable'],
  ['agent.config.new-skill', agent, 'added', 'fieldContainsAny', 'kind skill', 'notable'],
  ['agent.config.new-plugin', agent, 'added', 'fieldContainsAny', 'kind plugin', 'notable'],
  ['agent.config.new-command', agent, 'added', 'fieldContainsAny', 'kind command', 'notable'],
  ['agent.config.new-rule', agent, 'added', 'fieldContainsAny', 'kind rule', 'notable'],
  ['agent.config.new-instruction', agent, 'added', 'fieldContainsAny', 'kind instruction', 'notable'],
  ['agent.config.new-settings', agent, 'added', 'fieldContainsAny', 'kind settings', 'notable'],
  ['packages.new-javascript-package', 'javascriptPackages', 'added', 'fieldContainsAny', 'kind package', 'info'],
  [
    'packages.new-python-package',
    'pythonPackages',
    'added',
    'fieldContainsAny',
    'kind pythonDeclaredRequirement,pythonResolvedPackage,pythonConstraint',
    'info',
  ],
  ['homebrew.untrusted-tap', 'homebrew', both, 'fieldNotInList', 'origin homebrew/core,homebrew/cask', 'notable'],
  ['homebrew.unrequested-install', 'homebrew', 'added', 'flagEquals', 'installedOnRequest false', 'info'],
] as const

const subject = (rule: Rule): string =>
  rule.match === 'flagEquals'
    ? `${rule.flag} ${rule.expected}`
    : `${rule.field} ${(rule.values ?? rule.allowed ?? rule.schemes ?? []).join(',')}`

const facts = (rule: Rule) => [rule.id, rule.triggers.join(' '), rule.match, subject(rule), rule.severity]

for (const [id, surfaces, ...rest] of published)
  test(`${id} is the published rule`, () => {
    const rules = BUILT_IN_RULES.filter((rule) => rule.id === id)
    assert.equal(rules.map((rule) => rule.surface).join(' '), surfaces)
    for (const rule of rules) assert.deepEqual(facts(rule), [id, ...rest])
  })

test('there are 64, all enabled, each id once per surface, each with a title and a rationale', () => {
  assert.equal(BUILT_IN_RULES.length, 64)
  assert.equal(new Set(BUILT_IN_RULES.map(ruleKey)).size, 64)
  assert.equal(new Set(BUILT_IN_RULES.map((rule) => rule.id)).size, published.length)
  for (const rule of BUILT_IN_RULES) {
    assert.equal(rule.enabled, true)
    assert.ok(rule.title.length > 0 && rule.rationale.length > 0, rule.id)
  }
})

test('each uses only words every agent knows, and exactly the parameters of its match kind', () => {
  for (const rule of BUILT_IN_RULES) {
    assert.equal(foreignWord(rule, BASE_VOCABULARY), null, rule.id)
    const carried = PARAMETERS.filter((parameter) => Object.hasOwn(rule, parameter))
    assert.deepEqual(carried, BASE_VOCABULARY.matches[rule.match], rule.id)
  }
})

const plain: Rule = {
  id: 'acme.any',
  surface: 'homebrew',
  enabled: true,
  triggers: ['added'],
  match: 'always',
  severity: 'info',
  title: 't',
  rationale: 'r',
}

const foreign: readonly { name: string; rule: Rule; want: string | null }[] = [
  { name: 'a rule of known words has none', rule: plain, want: null },
  { name: 'a surface', rule: { ...plain, surface: 'aptPackages' }, want: 'surface "aptPackages"' },
  { name: 'a match kind', rule: { ...plain, match: 'regex' }, want: 'match "regex"' },
  { name: 'a word every object has', rule: { ...plain, match: 'toString' }, want: 'match "toString"' },
  { name: 'a severity', rule: { ...plain, severity: 'fatal' }, want: 'severity "fatal"' },
  { name: 'a field', rule: { ...plain, match: 'fieldContainsAny', field: 'owner' }, want: 'field "owner"' },
  { name: 'a flag', rule: { ...plain, match: 'flagEquals', flag: 'signed' }, want: 'flag "signed"' },
  { name: 'a trigger', rule: { ...plain, triggers: ['added', 'opened'] }, want: 'trigger "opened"' },
]

for (const { name, rule, want } of foreign)
  test(`foreign word: ${name}`, () => assert.equal(foreignWord(rule, BASE_VOCABULARY), want))
