// The services that come with a package: the same texts that `service install` writes, for the places packages use.
// Whether one is started is for the machine's owner; building packages is scripts/package.
import { frugalFlags, frugalMalloc, SERVICE_NAME, type ServiceFacts, zeroIfRejected } from './facts.ts'
import { launchdLabel, launchdPlist, type ServiceFile, windowsService } from './plan.ts'
import { systemdUnit } from './systemd.ts'

/** Where packages put the folder that a tarball unpacks to. */
export const PACKAGED_HOMES = {
  linux: '/usr/lib/muster-agent',
  macos: '/usr/local/lib/muster-agent',
  windows: 'C:\\Program Files\\Muster Agent',
} as const

const nobody = { home: '', user: '', env: {} }

/** Its own account has no rights: it sees what everyone may see, until the owner gives it more. */
const linux: ServiceFacts = {
  machine: { ...nobody, platform: 'linux' },
  isSystem: true,
  account: SERVICE_NAME,
  command: [
    `${PACKAGED_HOMES.linux}/lib/node`,
    ...frugalFlags,
    `${PACKAGED_HOMES.linux}/lib/muster-agent.mjs`,
    'run',
    '--config',
    '/etc/muster/agent.yaml',
  ],
  dataDir: '/var/lib/muster-agent',
  configFile: '/etc/muster/agent.yaml',
}

/** In the session of each user, as that user, who has his own configuration or else the machine's. */
const macos = {
  command: [
    `${PACKAGED_HOMES.macos}/lib/node`,
    ...frugalFlags,
    `${PACKAGED_HOMES.macos}/lib/muster-agent.mjs`,
    'run',
    zeroIfRejected,
  ],
  dataDir: null,
}

const windows: ServiceFacts = {
  machine: { ...nobody, platform: 'windows' },
  isSystem: true,
  account: 'NT AUTHORITY\\LocalService',
  command: [
    `${PACKAGED_HOMES.windows}\\lib\\node.exe`,
    ...frugalFlags,
    `${PACKAGED_HOMES.windows}\\lib\\muster-agent.mjs`,
    'run',
    zeroIfRejected,
    '--config',
    'C:\\ProgramData\\Muster\\agent.yaml',
  ],
  dataDir: 'C:\\ProgramData\\Muster\\agent',
  configFile: 'C:\\ProgramData\\Muster\\agent.yaml',
}

/** Starts the agent on the Node that came with it, wherever the folder was put; `run` by hand is as frugal as a service. */
const shellLauncher = [
  '#!/bin/sh',
  '# Starts the agent on the Node that came with it, wherever this folder was put and whatever link led here.',
  '# Which Node that is and what the agent does is in lib/.',
  'set -e',
  'self=$(readlink -f -- "$0")',
  'lib=$(dirname -- "$(dirname -- "$self")")/lib',
  'if [ "$1" = run ]; then',
  ...Object.entries(frugalMalloc).map(([name, value]) => `  export ${name}="\${${name}:-${value}}"`),
  `  exec "$lib/node" ${frugalFlags.join(' ')} "$lib/muster-agent.mjs" "$@"`,
  'fi',
  'exec "$lib/node" "$lib/muster-agent.mjs" "$@"',
  '',
].join('\n')

const windowsLauncher = (() => {
  const [node, agent] = ['"%~dp0..\\lib\\node.exe"', '"%~dp0..\\lib\\muster-agent.mjs" %*']
  return `@if "%~1"=="run" (${node} ${frugalFlags.join(' ')} ${agent}) else (${node} ${agent})\r\n`
})()

/** Their paths are those below deploy/, where they are kept for whoever builds packages by other means. */
export const packagedServices = (): readonly ServiceFile[] => [
  { path: `systemd/${SERVICE_NAME}.service`, text: systemdUnit(linux) },
  { path: `launchd/${launchdLabel}.plist`, text: launchdPlist(macos) },
  { path: `windows/${SERVICE_NAME}.xml`, text: windowsService(windows) },
  { path: `bin/${SERVICE_NAME}`, text: shellLauncher },
  { path: `bin/${SERVICE_NAME}.cmd`, text: windowsLauncher },
]
