// Reads what the settings need to know about this computer and this account, once.
// What follows from it is machine.ts.
import { arch, homedir, hostname, userInfo } from 'node:os'
import type { Machine } from './machine.ts'

const platforms: Record<string, Machine['platform']> = { darwin: 'macos', win32: 'windows' }
const archs: Record<string, string> = { x64: 'x86_64', arm64: 'aarch64' }

export const readMachine = (env: NodeJS.ProcessEnv = process.env): Machine => ({
  platform: platforms[process.platform] ?? 'linux',
  arch: archs[arch()] ?? arch(),
  host: hostname(),
  user: userInfo().username,
  home: homedir(),
  isSystemAccount: process.getuid?.() === 0,
  env,
})
