// A home directory in which every coding tool is configured in every way it can be, with a secret wherever one fits.
// What is made of it is expected in the golden test; the product never imports it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Every secret begins with this, and nothing else in the home does. */
export const SECRET_MARK = 'planted-'

const s = (name: string): string => `${SECRET_MARK}${name}`

/** A server of each kind, with all that must never be read. */
const servers = {
  local: {
    type: 'stdio',
    command: 'npx',
    args: ['-y', 'weather-mcp'],
    env: { API_KEY: s('env'), [s('env-name')]: 'x' },
    token: s('token'),
    oauth: { clientSecret: s('oauth'), scopes: [s('scope')] },
  },
  remote: {
    type: 'http',
    url: 'https://mcp.example.org/sse',
    headers: { Authorization: `Bearer ${s('header')}`, [s('header-name')]: '1' },
    headersHelper: `/usr/bin/${s('helper')}`,
  },
  both: { command: 'ignored', url: 'https://both.example.org', envFile: s('env-file') },
  none: { env: { ONLY: s('no-server') } },
  odd: { command: 7, args: [s('odd-arg')] },
}

const json = (value: unknown): string => JSON.stringify(value, null, 2)

const claudeSettings = {
  env: { ANTHROPIC_AUTH_TOKEN: s('settings-env') },
  apiKeyHelper: `echo ${s('api-key-helper')}`,
  permissions: { allow: [`Bash(curl -H ${s('allow')})`], deny: [s('deny')], ask: [s('ask')] },
  hooks: { PreToolUse: [{ hooks: [{ type: 'command', command: `notify --token ${s('hook')}` }] }] },
  enabledPlugins: { 'formatter@tools': true, 'linter@tools': { config: s('plugin-config') } },
  extraKnownMarketplaces: { tools: { source: { source: 'git', url: `https://x:${s('marketplace')}@example.org` } } },
  pluginMarketplaces: [{ name: 'named', token: s('plugin-token') }, { source: './sourced' }, { path: '/pathed' }, {}],
  plugins: ['plain', 'formatter@tools'],
}

const claude: Record<string, string> = {
  '.claude.json': json({
    oauthAccount: { accessToken: s('oauth-account') },
    mcpServers: servers,
    projects: {
      '/z': { mcpServers: { shared: { command: 'from-z' } }, history: [{ display: s('history') }] },
      '/a': { mcpServers: { shared: { command: 'from-a' }, local: { command: 'loses' } }, token: s('project') },
    },
  }),
  '.claude/settings.json': json(claudeSettings),
  '.claude/settings.local.json': `\ufeff// ${s('comment')}\n{ "model": "${s('model')}", /* ${s('block')} */ "theme": "dark", }\n`,
  '.claude/CLAUDE.md': `Be kind. ${s('instruction')}\n`,
  '.claude/agents/reviewer.md': `Review. ${s('agent')}\n`,
  '.claude/agents/deep/er/tester.txt': 'Test.\n',
  '.claude/agents/.hidden.md': 'Unseen.\n',
  '.claude/commands/ship.md': `Ship. ${s('command')}\n`,
  '.claude/commands/nested/unseen.md': 'Unseen.\n',
  '.claude/skills/pdf/SKILL.md': `Read. ${s('skill')}\n`,
  '.claude/skills/office/word/SKILL.md': 'Write.\n',
  '.claude/skills/office/README.md': 'Not a skill.\n',
  '.claude/plugins/known_marketplaces.json': json({ official: { source: { token: s('known') } } }),
  '.claude/plugins/installed_plugins.json': json({
    version: 2,
    plugins: { 'formatter@tools': [{ key: s('installed') }] },
  }),
  '.claude/plugins/known-marketplaces.json': json(['older']),
  'src/.mcp.json': json({ mcpServers: { project: { command: 'uvx', args: ['serve'], env: { K: s('project-env') } } } }),
  'src/.claude/settings.json': json({ hooks: {}, plugins: null }),
  'src/.claude/settings.local.json': `{ "broken": "${s('malformed')}", `,
  'src/.claude/agents/local.md': 'Local.\n',
  'src/.claude/skills/deploy/SKILL.md': 'Deploy.\n',
  'src/.claude/CLAUDE.md': 'In the folder.\n',
  'src/CLAUDE.md': 'In the root.\n',
  'src/CLAUDE.local.md': 'Mine.\n',
}

const codex: Record<string, string> = {
  '.codex/config.toml': [
    `# ${s('toml-comment')}`,
    'model = "gpt"',
    `api_key = "${s('toml-key')}"`,
    'notify = ["sh", "-c", """',
    `  curl -H ${s('toml-long')}`,
    '[hooks.not_a_hook]',
    '"""]',
    '[mcp_servers.local]',
    'command = "docker"',
    'args = ["run", "-i", "image"]',
    `env = { TOKEN = "${s('toml-env')}", "A.B" = '${s('toml-env-quoted')}' }`,
    `bearer_token = "${s('toml-bearer')}"`,
    '[mcp_servers.remote]',
    'url = "https://codex.example.org/mcp"',
    `http_headers = { Authorization = "Bearer ${s('toml-header')}" }`,
    '[mcp_servers.remote.env]',
    `DEEP = '''${s('toml-env-table')}'''`,
    '[mcp_servers.bad]',
    'command = ["not", "text"]',
    'args = 5',
    '[hooks.PreToolUse]',
    `command = "hook --token ${s('toml-hook')}"`,
    '  [[hooks.PostToolUse]]',
    `run = "${s('toml-hook-array')}"`,
    `[model_providers.x]`,
    `experimental_bearer_token = "${s('toml-provider')}"`,
    '',
  ].join('\r\n'),
  '.codex/work.config.toml': '[mcp_servers.work]\ncommand = "work"\n',
  '.codex/broken.config.toml': `[mcp_servers.a]\ncommand = "x\nenv = "${s('toml-malformed')}"\n`,
  '.codex/hooks.json': json({ hooks: { Stop: [{ command: s('hooks-file') }] }, version: s('hooks-version') }),
  '.codex/rules/default.rules': `prefix_rule(${s('rule')})\n`,
  '.codex/rules/team/more.rules': 'more\n',
  '.codex/rules/notes.txt': 'no rule\n',
  '.agents/skills/search/SKILL.md': `Search. ${s('codex-skill')}\n`,
  'codex-project/.codex/config.toml': '[mcp_servers.there]\nurl = "http://localhost:1"\n',
  'codex-project/.agents/skills/there/SKILL.md': 'There.\n',
}

const cursor: Record<string, string> = {
  '.cursor/mcp.json': `// ${s('cursor-comment')}\n${json({ mcpServers: servers, projects: { '/p': { mcpServers: { no: { command: 'no' } } } } })}`,
  'src/.cursor/mcp.json': json({ mcpServers: [s('cursor-list')] }),
  'src/.cursor/rules/style.mdc': `Style. ${s('mdc')}\n`,
  'src/.cursor/rules/deep/more.mdc': 'More.\n',
  'src/.cursor/rules/other.md': 'No rule.\n',
  'src/.cursorrules': 'Legacy.\n',
  'src/AGENTS.md': `Agents. ${s('agents-md')}\n`,
}

const claudeDesktop: Record<string, string> = {
  '.config/Claude/claude_desktop_config.json': json({
    mcpServers: { desktop: { command: 'npx', args: ['-y', '@s/files'], env: { T: s('desktop-environment') } } },
    preferences: { token: s('desktop-preference') },
  }),
}

const opencode: Record<string, string> = {
  '.config/opencode/opencode.json': json({
    provider: { openai: { options: { apiKey: s('provider') } } },
    plugin: ['opencode-notify', ['with-options', { token: s('plugin-options') }]],
    mcp: {
      local: { type: 'local', command: ['bun', 'x', 'server'], environment: { T: s('environment') }, enabled: true },
      remote: {
        type: 'remote',
        url: 'https://oc.example.org',
        headers: { A: s('oc-header') },
        oauth: { s: s('oc-oauth') },
      },
      plain: { command: 'node', args: ['server.js'] },
      off: { enabled: false },
    },
  }),
  '.config/opencode/opencode.jsonc': `{ "mcp": { /* ${s('oc-comment')} */ "c": { "url": "wss://c", }, }, }`,
  '.config/opencode/agent/plan.md': 'Plan.\n',
  '.config/opencode/agents/more/build.md': 'Build.\n',
  '.config/opencode/command/go.md': 'Go.\n',
  '.config/opencode/commands/stop.md': 'Stop.\n',
  '.config/opencode/plugin/old.md': 'Old.\n',
  '.config/opencode/plugins/new.ts': `export const token = '${s('plugin-source')}'\n`,
  '.config/opencode/plugins/node_modules/dependency/index.js': 'unseen\n',
  '.config/opencode/AGENTS.md': 'All.\n',
  'src/opencode.json': `{ "plugin": ["${s('oc-malformed')}", }`,
  'src/.opencode/opencode.json': json({ mcp: { bad: { command: [1] }, good: { url: 'https://good' } } }),
  'src/.opencode/Agents.md': 'Here.\n',
}

const pi: Record<string, string> = {
  '.config/mcp/mcp.json': json({
    mcpServers: { shared: servers.remote },
    imports: ['claude-code', { token: s('import') }],
  }),
  '.pi/agent/mcp.json': json({ mcpServers: { own: servers.local } }),
  '.pi/agent/settings.json': json({ apiKey: s('pi-key'), theme: 'dark' }),
  '.pi/agent/extensions/git/package.json': json({ name: s('pi-package') }),
  '.pi/agent/extensions/git/node_modules/dep/package.json': json({}),
  'src/.pi/mcp.json': json({ mcpServers: { here: { command: 'here', env: { K: s('pi-env') } } } }),
  'src/.pi/settings.json': json([s('pi-list')]),
}

export const toolHomeFiles: Readonly<Record<string, string>> = {
  ...claude,
  ...codex,
  ...cursor,
  ...opencode,
  ...pi,
  ...claudeDesktop,
}

/** How many secrets there are to be found. */
export const plantedSecrets = (): ReadonlySet<string> =>
  new Set(Object.values(toolHomeFiles).flatMap((text) => text.match(/planted-[a-z-]+[a-z]/g) ?? []))

export const putFiles = (home: string, files: Readonly<Record<string, string>>): void => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), text)
  }
}

/** What stands in the agent's file so that all of the home is looked at. */
export const toolHomeSettings = {
  watch: { projectRoots: ['src'] },
  claude: { includeManagedSettings: true },
  codex: { projectRoots: ['codex-project'], profileConfigGlob: '~/.codex/*.config.toml' },
}
