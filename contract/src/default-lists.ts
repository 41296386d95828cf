// The lists an agent uses when it is told nothing (sensor-protocol 14.2, 14.3), in the order agents print them.
// What an operator may put in their place is the policy feature's to check.

export const DEFAULT_PROJECT_ROOTS: readonly string[] = ['~/src', '~/Code', '~/Developer', '~/Projects']

export const DEFAULT_EXCLUDED_DIRECTORIES: readonly string[] = [
  '.git',
  'node_modules',
  '.venv',
  'venv',
  '__pycache__',
  '.tox',
  '.mypy_cache',
  '.pytest_cache',
  'dist',
  'build',
  '.next',
  '.turbo',
  '.cache',
]

export const DEFAULT_SIGNAL_FILES: readonly string[] = [
  'AGENTS.md',
  'CLAUDE.md',
  'CLAUDE.local.md',
  '.mcp.json',
  '.cursorrules',
  'opencode.json',
  'opencode.jsonc',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'uv.lock',
  'pyproject.toml',
  'pylock.toml',
]

export const DEFAULT_SIGNAL_GLOBS: readonly string[] = ['requirements*.txt', 'constraints*.txt', '*.rules', '*.mdc']

export const DEFAULT_PRUNED_DIRECTORIES: readonly string[] = [
  ...DEFAULT_EXCLUDED_DIRECTORIES,
  'Library',
  'Applications',
  'Movies',
  'Music',
  'Pictures',
  'Public',
  'Desktop',
  'Documents',
  'Downloads',
]
