// The files of three systems: where they go, what they start, and that no path can break out of them.
// Whether systemd likes the unit is seen where there is one: systemd-analyze verify.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ServiceFacts, zeroIfRejected } from './facts.ts'
import { install, uninstall } from './install.ts'
import { packagedServices } from './packaged.ts'
import { launchdPlist, planService, windowsService, windowsTask } from './plan.ts'
import { systemdUnit } from './systemd.ts'

const facts = (changed: Partial<ServiceFacts> = {}): ServiceFacts => ({
  machine: { platform: 'linux', home: '/home/ada', user: 'ada', env: {} },
  isSystem: false,
  command: ['/usr/bin/node', '/opt/muster/agent.mjs', 'run', '--config', '/home/ada/.config/muster/agent.yaml'],
  dataDir: '/home/ada/.local/state/muster-agent',
  configFile: '/home/ada/.config/muster/agent.yaml',
  ...changed,
})
const on = (platform: 'linux' | 'macos' | 'windows', isSystem: boolean) =>
  planService(facts({ isSystem, machine: { ...facts().machine, platform } }))

const places = [
  { plan: on('linux', false), path: '/home/ada/.config/systemd/user/muster-agent.service' },
  { plan: on('linux', true), path: '/etc/systemd/system/muster-agent.service' },
  { plan: on('macos', false), path: '/home/ada/Library/LaunchAgents/org.muster.agent.plist' },
  { plan: on('macos', true), path: '/Library/LaunchDaemons/org.muster.agent.plist' },
]
for (const { plan, path } of places)
  test(`the file is ${path}`, () => {
    assert.deepEqual(
      plan.files.map((file) => file.path),
      [path],
    )
    assert.ok(plan.start.length > 0 && plan.stop.length > 0)
  })

test('a user’s unit starts with the session, the system’s with the machine and fenced in', () => {
  const [own, system] = [systemdUnit(facts()), systemdUnit(facts({ isSystem: true }))]
  assert.match(own, /^WantedBy=default\.target$/m)
  assert.doesNotMatch(own, /ProtectSystem/)
  assert.match(system, /^WantedBy=multi-user\.target$/m)
  assert.match(system, /^ProtectSystem=strict$/m)
  assert.match(system, /^ReadWritePaths=-\/home\/ada\/\.local\/state\/muster-agent -\/home\/ada\/\.config\/muster$/m)
})

test('an account of its own replaces every right of root, and systemd makes its folder', () => {
  const unit = systemdUnit(facts({ isSystem: true, account: 'muster-agent', dataDir: '/var/lib/muster-agent' }))
  assert.match(unit, /^User=muster-agent$/m)
  assert.match(unit, /^StateDirectory=muster-agent$/m)
  assert.match(unit, /^CapabilityBoundingSet=$/m)
  assert.doesNotMatch(unit, /ReadWritePaths|CAP_/)
  assert.match(
    windowsService(facts({ account: 'NT AUTHORITY\\LocalService' })),
    /<username>NT AUTHORITY\\LocalService</,
  )
})

test('whoever the server refused for good is not started again, by any manager', () => {
  const [systemd, launchd, windows] = packagedServices().map(({ text }) => text)
  for (const unit of [systemd, systemdUnit(facts())])
    assert.match(unit ?? '', /^RestartPreventExitStatus=(?:\d+ )*4(?: \d+)*$/m)
  // These start again whatever did not succeed, so that end is a success to them.
  assert.match(launchd ?? '', /<key>SuccessfulExit<\/key><false\/>/)
  assert.match(windows ?? '', /<onfailure action="restart"/)
  for (const text of [launchd, windows]) assert.ok(text?.includes(zeroIfRejected))
})

test('odd paths stay one word, in every language', () => {
  const command = ['/opt/my node/%n', 'a"b', '$HOME', '<&>', 'run']
  assert.match(systemdUnit(facts({ command })), /^ExecStart="\/opt\/my node\/%%n" "a\\"b" "\$\$HOME" "<&>" run$/m)
  assert.match(launchdPlist(facts({ command })), /<string>&lt;&amp;&gt;<\/string>/)
  for (const text of [windowsService(facts({ command })), windowsTask(facts({ command }))])
    assert.match(text, /&quot;a\\&quot;b&quot; \$HOME &lt;&amp;&gt; run</)
})

test('what is compiled is kept in the data folder, whatever its name', () => {
  const dataDir = '/srv/my $data %'
  const unit = systemdUnit(facts({ dataDir }))
  assert.match(unit, /^Environment="NODE_COMPILE_CACHE=\/srv\/my \$data %%\/compiled"$/m)
  assert.match(launchdPlist(facts({ dataDir })), /<key>NODE_COMPILE_CACHE<\/key><string>\/srv\/my \$data %\/compiled</)
  const windows = windowsService(facts({ dataDir: 'C:\\Data\\a&b' }))
  assert.match(windows, /<env name="NODE_COMPILE_CACHE" value="C:\\Data\\a&amp;b\\compiled"\/>/)
})

test('Windows has a task for a user and a recipe for the machine', () => {
  const [own, system] = [on('windows', false), on('windows', true)]
  assert.match(own.files[0]?.text ?? '', /<RunLevel>LeastPrivilege<\/RunLevel>/)
  assert.equal(own.start[0]?.[0], 'schtasks')
  assert.match(system.byHand ?? '', /WinSW/)
})

test('installing writes the file for all to read, and uninstalling takes it away; both say so', () => {
  const home = mkdtempSync(join(tmpdir(), 'muster-service-'))
  const plan = { ...planService(facts({ machine: { ...facts().machine, home } })), start: [['false']], stop: [] }
  const said: string[] = []
  install(plan, (line) => void said.push(line))
  const path = plan.files[0]?.path ?? ''
  assert.equal(readFileSync(path, 'utf8'), plan.files[0]?.text)
  assert.match(said.join('\n'), /wrote .*run by hand: false/s)
  uninstall(plan, (line) => void said.push(line))
  uninstall(plan, (line) => void said.push(line))
  assert.match(said.join('\n'), /removed .*there is no service to remove/s)
})

test('every line of a unit is a section, a setting or empty', () => {
  for (const isSystem of [true, false])
    for (const line of systemdUnit(facts({ isSystem })).split('\n'))
      assert.match(line, /^(?:|\[[A-Z][a-z]+\]|[A-Z][A-Za-z]+=\S.*)$/)
})
