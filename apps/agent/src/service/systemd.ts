// The unit that has systemd start the agent, as a text. Pure.
// Where it goes and which commands go with it is plan.ts.
import { posix } from 'node:path'
import { COMPILED_FOLDER, compiledVariable, frugalMalloc, type ServiceFacts } from './facts.ts'

/** In a unit file, `%` starts a specifier, and quotes keep spaces together. */
const unitValue = (value: string): string => {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')
  return /^[A-Za-z0-9@%_+=:,./-]+$/.test(escaped) ? escaped : `"${escaped}"`
}

/** In a command, `$` also starts a variable. */
const unitWord = (word: string): string => unitValue(word.replaceAll('$', '$$$$'))

/** As root it may read everything and takes its token out of its file; an account of its own has no rights at all. */
const rights = ({ account, dataDir, configFile }: ServiceFacts): readonly string[] =>
  account === undefined
    ? [
        `ReadWritePaths=-${unitWord(dataDir)} -${unitWord(posix.dirname(configFile))}`,
        'CapabilityBoundingSet=CAP_DAC_READ_SEARCH',
      ]
    : [
        `User=${account}`,
        `StateDirectory=${unitWord(posix.relative('/var/lib', dataDir))}`,
        'StateDirectoryMode=0700',
        'CapabilityBoundingSet=',
      ]

/** The system's own agent is fenced in: it may read, and write only what it owns. */
const systemFence = (facts: ServiceFacts): readonly string[] => [
  ...rights(facts),
  'ProtectSystem=strict',
  'ProtectHome=read-only',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
  'RestrictNamespaces=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'SystemCallArchitectures=native',
  'UMask=0077',
]

export const systemdUnit = (facts: ServiceFacts): string =>
  [
    '[Unit]',
    'Description=Muster agent: inventories developer tooling on this machine',
    ...(facts.isSystem ? ['Wants=network-online.target', 'After=network-online.target'] : []),
    '',
    '[Service]',
    `ExecStart=${facts.command.map(unitWord).join(' ')}`,
    'ExecReload=/bin/kill -HUP $MAINPID',
    'Restart=on-failure',
    'RestartSec=30',
    // A configuration that is missing or wrong stays so however often it is read; so does the word of a server that
    // rejects this device.
    'RestartPreventExitStatus=2 4',
    'TimeoutStopSec=15',
    ...Object.entries(frugalMalloc).map(([name, value]) => `Environment=${name}=${value}`),
    `Environment=${unitValue(`${compiledVariable}=${posix.join(facts.dataDir, COMPILED_FOLDER)}`)}`,
    'Nice=10',
    'IOSchedulingClass=idle',
    'NoNewPrivileges=yes',
    ...(facts.isSystem ? systemFence(facts) : []),
    '',
    '[Install]',
    `WantedBy=${facts.isSystem ? 'multi-user.target' : 'default.target'}`,
    '',
  ].join('\n')
