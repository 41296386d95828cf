// The files that make an operating system start the agent, as texts and the commands that go with them. Pure.
// Writing and running is install.ts.
import { posix, win32 } from 'node:path'
import type { Machine } from '../configuration/machine.ts'
import { COMPILED_FOLDER, compiledVariable, SERVICE_NAME, type ServiceFacts } from './facts.ts'
import { systemdUnit } from './systemd.ts'

export interface ServiceFile {
  readonly path: string
  readonly text: string
}

export interface ServicePlan {
  readonly files: readonly ServiceFile[]
  /** What to run once the files are there, in this order. */
  readonly start: readonly (readonly string[])[]
  readonly stop: readonly (readonly string[])[]
  /** What is left for a person to do, when the system cannot be told by command. */
  readonly byHand: string | null
}

export const launchdLabel = 'org.muster.agent'

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** Without a data folder, because each user has his own, what it says goes nowhere. */
export const launchdPlist = (facts: { command: readonly string[]; dataDir: string | null }): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    `  <key>Label</key><string>${launchdLabel}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...facts.command.map((word) => `    <string>${xml(word)}</string>`),
    '  </array>',
    '  <key>RunAtLoad</key><true/>',
    '  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>',
    '  <key>ProcessType</key><string>Background</string>',
    '  <key>LowPriorityIO</key><true/>',
    ...(facts.dataDir === null
      ? []
      : [
          `  <key>StandardErrorPath</key><string>${xml(posix.join(facts.dataDir, 'agent.log'))}</string>`,
          '  <key>EnvironmentVariables</key>',
          `  <dict><key>${compiledVariable}</key><string>${xml(posix.join(facts.dataDir, COMPILED_FOLDER))}</string></dict>`,
        ]),
    '</dict>',
    '</plist>',
    '',
  ].join('\n')

const windowsQuoted = (word: string): string => (/[\s"]/.test(word) ? `"${word.replaceAll('"', '\\"')}"` : word)

/** For the wrapper WinSW, which makes any program a service: put its executable beside this file under the same name. */
export const windowsService = ({ command: [program = '', ...rest], dataDir, account }: ServiceFacts): string =>
  [
    '<service>',
    `  <id>${SERVICE_NAME}</id>`,
    '  <name>Muster agent</name>',
    '  <description>Inventories developer tooling on this machine</description>',
    `  <executable>${xml(program)}</executable>`,
    `  <arguments>${xml(rest.map(windowsQuoted).join(' '))}</arguments>`,
    ...(account === undefined ? [] : [`  <serviceaccount><username>${xml(account)}</username></serviceaccount>`]),
    '  <startmode>Automatic</startmode>',
    '  <delayedAutoStart>true</delayedAutoStart>',
    '  <priority>belownormal</priority>',
    '  <onfailure action="restart" delay="10 sec"/>',
    '  <stoptimeout>15 sec</stoptimeout>',
    `  <env name="${compiledVariable}" value="${xml(win32.join(dataDir, COMPILED_FOLDER))}"/>`,
    `  <logpath>${xml(dataDir)}</logpath>`,
    '  <log mode="roll-by-size"><sizeThreshold>1024</sizeThreshold><keepFiles>2</keepFiles></log>',
    '</service>',
    '',
  ].join('\r\n')

/** A task that starts with the session of its user, without rights beyond his. */
export const windowsTask = ({ command: [program = '', ...rest], machine }: ServiceFacts): string =>
  [
    '<?xml version="1.0"?>',
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
    `  <Triggers><LogonTrigger><Enabled>true</Enabled><UserId>${xml(machine.user)}</UserId></LogonTrigger></Triggers>`,
    '  <Principals><Principal id="Author">',
    `    <UserId>${xml(machine.user)}</UserId><LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel>`,
    '  </Principal></Principals>',
    '  <Settings>',
    '    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>',
    '    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>',
    '    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>',
    '    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>',
    '    <Priority>8</Priority>',
    '    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>',
    '  </Settings>',
    '  <Actions Context="Author"><Exec>',
    `    <Command>${xml(program)}</Command>`,
    `    <Arguments>${xml(rest.map(windowsQuoted).join(' '))}</Arguments>`,
    '  </Exec></Actions>',
    '</Task>',
    '',
  ].join('\r\n')

const filled = (text: string | undefined, fallback: string): string =>
  text === undefined || text === '' ? fallback : text

const linuxPlan = (facts: ServiceFacts): ServicePlan => {
  const { machine, isSystem } = facts
  const config = filled(machine.env['XDG_CONFIG_HOME'], posix.join(machine.home, '.config'))
  const folder = isSystem ? '/etc/systemd/system' : posix.join(config, 'systemd/user')
  const systemctl = isSystem ? ['systemctl'] : ['systemctl', '--user']
  return {
    files: [{ path: posix.join(folder, `${SERVICE_NAME}.service`), text: systemdUnit(facts) }],
    start: [
      [...systemctl, 'daemon-reload'],
      [...systemctl, 'enable', '--now', SERVICE_NAME],
    ],
    stop: [[...systemctl, 'disable', '--now', SERVICE_NAME]],
    byHand: isSystem ? null : `to have it run without a session too: loginctl enable-linger ${machine.user}`,
  }
}

const macosPlan = (facts: ServiceFacts): ServicePlan => {
  const folder = facts.isSystem ? '/Library/LaunchDaemons' : posix.join(facts.machine.home, 'Library/LaunchAgents')
  const path = posix.join(folder, `${launchdLabel}.plist`)
  return {
    files: [{ path, text: launchdPlist(facts) }],
    start: [['launchctl', 'load', '-w', path]],
    stop: [['launchctl', 'unload', '-w', path]],
    byHand: null,
  }
}

const windowsPlan = (facts: ServiceFacts): ServicePlan => {
  if (facts.isSystem)
    return {
      files: [{ path: win32.join(facts.dataDir, `${SERVICE_NAME}.xml`), text: windowsService(facts) }],
      start: [],
      stop: [],
      byHand: `put WinSW beside that file as ${SERVICE_NAME}.exe, then run: ${SERVICE_NAME}.exe install`,
    }
  const path = win32.join(facts.dataDir, `${SERVICE_NAME}-task.xml`)
  return {
    files: [{ path, text: windowsTask(facts) }],
    start: [
      ['schtasks', '/Create', '/F', '/TN', SERVICE_NAME, '/XML', path],
      ['schtasks', '/Run', '/TN', SERVICE_NAME],
    ],
    stop: [
      ['schtasks', '/End', '/TN', SERVICE_NAME],
      ['schtasks', '/Delete', '/F', '/TN', SERVICE_NAME],
    ],
    byHand: null,
  }
}

const plans: Record<Machine['platform'], (facts: ServiceFacts) => ServicePlan> = {
  linux: linuxPlan,
  macos: macosPlan,
  windows: windowsPlan,
}

export const planService = (facts: ServiceFacts): ServicePlan => plans[facts.machine.platform](facts)
