// Which surfaces a file anywhere in the home directory may concern, by nothing but its path (sensor-agent 14.6). Pure.
// Finding such files is home-signals.ts.
import { basename } from 'node:path'

type Test = (path: string, name: string) => boolean

const isIn =
  (...names: readonly string[]): Test =>
  (_path, name) =>
    names.includes(name)
const has =
  (...parts: readonly string[]): Test =>
  (path) =>
    parts.some((part) => path.includes(part))
const ends =
  (...endings: readonly string[]): Test =>
  (_path, name) =>
    endings.some((ending) => name.endsWith(ending))

const isRequirements: Test = (_path, name) => /^(?:requirements|constraints).*\.txt$/.test(name)

const concerns: Readonly<Record<string, readonly Test[]>> = {
  claudeConfig: [has('.claude'), isIn('.claude.json', 'CLAUDE.md', 'CLAUDE.local.md', '.mcp.json')],
  codexConfig: [has('.codex', '.agents'), ends('.rules')],
  piConfig: [has('.pi'), isIn('.mcp.json')],
  cursorConfig: [has('.cursor'), isIn('.cursorrules', 'AGENTS.md'), ends('.mdc')],
  opencodeConfig: [has('opencode'), isIn('AGENTS.md', 'Agents.md')],
  javascriptPackages: [isIn('package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock')],
  pythonPackages: [isIn('uv.lock', 'pyproject.toml', 'pylock.toml'), isRequirements],
}

export const surfacesConcerned = (path: string): readonly string[] => {
  const name = basename(path)
  return Object.entries(concerns).flatMap(([surface, tests]) =>
    tests.some((test) => test(path, name)) ? [surface] : [],
  )
}
