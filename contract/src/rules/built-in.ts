// The 64 rules every agent starts with (sensor-protocol 15.6), written once per idea and spread over the surfaces.
// Titles and rationales are ours; ids, surfaces, triggers, matches and severities are those of the published agent.
import type { Rule } from './rule.ts'
import { AGENT_SURFACES } from './vocabulary.ts'

type Row = Omit<Rule, 'surface' | 'enabled'> & { readonly surfaces: readonly string[] }

const whenAdded = ['added']
const whenChanged = ['added', 'modified']

const detailContains = (...values: readonly string[]) => ({ match: 'fieldContainsAny', field: 'detail', values })
const kindIs = (...values: readonly string[]) => ({ match: 'fieldContainsAny', field: 'kind', values })

const arrival = (id: string, kind: string, what: string, why: string): Row => ({
  id,
  surfaces: AGENT_SURFACES,
  triggers: whenAdded,
  ...kindIs(kind),
  severity: 'notable',
  title: `New ${what}`,
  rationale: why,
})

const table: readonly Row[] = [
  {
    id: 'agent.config.ephemeral-runner',
    surfaces: AGENT_SURFACES,
    triggers: whenChanged,
    ...detailContains('npx', 'uvx', 'bunx', 'pnpm dlx'),
    severity: 'notable',
    title: 'Started through a package runner',
    rationale: 'What runs is downloaded at start, so it can differ from one start to the next.',
  },
  {
    id: 'agent.config.suspicious-command',
    surfaces: AGENT_SURFACES,
    triggers: whenChanged,
    ...detailContains('curl', 'wget', '| sh', '| bash', 'bash -c', 'sh -c', 'eval', 'base64'),
    severity: 'suspicious',
    title: 'Command fetches or decodes what it runs',
    rationale: 'Shell idioms like these hide what will be executed until the moment it is.',
  },
  {
    id: 'agent.config.remote-transport',
    surfaces: AGENT_SURFACES,
    triggers: whenChanged,
    match: 'fieldHasURLScheme',
    field: 'detail',
    schemes: ['http', 'https', 'ws', 'wss'],
    severity: 'notable',
    title: 'Talks to a remote endpoint',
    rationale: 'What the assistant reads and writes may leave the machine.',
  },
  {
    id: 'agent.mcp.dynamic-auth-helper',
    surfaces: AGENT_SURFACES,
    triggers: whenChanged,
    ...detailContains('headersHelper'),
    severity: 'notable',
    title: 'Runs a helper to obtain credentials',
    rationale: 'A helper command runs with the rights of the user each time the server is contacted.',
  },
  arrival('agent.mcp.new-server', 'mcpServer', 'MCP server', 'It gives an assistant tools it did not have before.'),
  arrival('agent.config.new-hook', 'hook', 'hook', 'It runs by itself when the assistant does something.'),
  arrival('agent.config.new-skill', 'skill', 'skill', 'It teaches an assistant new steps, which may include commands.'),
  arrival('agent.config.new-plugin', 'plugin', 'plugin', 'It can bring commands, hooks and servers with it.'),
  arrival(
    'agent.config.new-command',
    'command',
    'command',
    'It is a prepared instruction that a user may start unread.',
  ),
  arrival('agent.config.new-rule', 'rule', 'rule file', 'It changes how an assistant behaves in this project.'),
  arrival(
    'agent.config.new-instruction',
    'instruction',
    'instruction file',
    'It is read by the assistant before any task.',
  ),
  arrival('agent.config.new-settings', 'settings', 'settings key', 'It may widen what the assistant is allowed to do.'),
  {
    id: 'packages.new-javascript-package',
    surfaces: ['javascriptPackages'],
    triggers: whenAdded,
    ...kindIs('package'),
    severity: 'info',
    title: 'New JavaScript package',
    rationale: 'A lockfile names a package version that it did not name before.',
  },
  {
    id: 'packages.new-python-package',
    surfaces: ['pythonPackages'],
    triggers: whenAdded,
    ...kindIs('pythonDeclaredRequirement', 'pythonResolvedPackage', 'pythonConstraint'),
    severity: 'info',
    title: 'New Python dependency',
    rationale: 'A project names a requirement, resolution or constraint that it did not name before.',
  },
  {
    id: 'homebrew.untrusted-tap',
    surfaces: ['homebrew'],
    triggers: whenChanged,
    match: 'fieldNotInList',
    field: 'origin',
    allowed: ['homebrew/core', 'homebrew/cask'],
    severity: 'notable',
    title: 'Installed from outside the main taps',
    rationale: 'Formulae of other taps, or of no known tap, are not reviewed by the Homebrew maintainers.',
  },
  {
    id: 'homebrew.unrequested-install',
    surfaces: ['homebrew'],
    triggers: whenAdded,
    match: 'flagEquals',
    flag: 'installedOnRequest',
    expected: false,
    severity: 'info',
    title: 'Installed as a dependency',
    rationale: 'Nobody asked for this package by name; another one brought it along.',
  },
]

/** In table order, and within a row in the order of its surfaces: the order never changes, so neither do the bytes. */
export const BUILT_IN_RULES: readonly Rule[] = table.flatMap(({ surfaces, ...rule }) =>
  surfaces.map((surface) => ({ ...rule, surface, enabled: true })),
)
