// The RPM package, built by rpmbuild from the recipe and the archive as its first lines say, and looked into by rpm: what
// arrives, with which rights, and what its scripts ask of the system. Installing it is left to systems with RPM.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { root } from '../with-node.mjs'
import { filesBelow, packTarXz } from './archive.ts'
import { deployed, layFolder } from './layout.ts'
import { pinnedVersion } from './node-build.ts'
import { TARGETS } from './targets.ts'

const own = TARGETS.find(({ name }) => name === `linux-${process.arch}`) ?? assert.fail('tests run on Linux')
const version = '1.2.3'

const must = (program: string, args: readonly string[]): string => {
  const ended = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
  assert.equal(ended.status, 0, `${program} ${args.join(' ')}: ${ended.stdout}${ended.stderr}`)
  return ended.stdout
}

suite('the RPM package', () => {
  const work = mkdtempSync(join(tmpdir(), 'muster-rpm-'))
  const archived = join(work, 'archived')
  let rpm = ''
  const asked = (...args: readonly string[]): string => must('rpm', ['-qp', '--nosignature', ...args, rpm]).trim()

  before(async () => {
    const [dist, name] = [join(work, 'dist'), `muster-agent-${version}-${own.name}`]
    mkdirSync(dist)
    // What Node is, deb.test.ts and package.test.ts see to; here it only has to arrive.
    const node = join(work, 'node')
    writeFileSync(node, '#!/bin/sh\nprintf "%s|" "$@"\n', { mode: 0o755 })
    const bundle = { code: '// the agent\n', libraries: [] }
    layFolder(join(work, name), own, { bundle, version, nodeVersion: pinnedVersion(), node })
    await packTarXz(join(work, name), join(dist, `${name}.tar.xz`), { isQuick: true, progress: () => {} })
    const defined = { _topdir: join(work, 'top'), _sourcedir: dist, deploy: join(root, 'deploy'), ver: version }
    const definitions = Object.entries(defined).flatMap(([macro, value]) => ['-D', `${macro} ${value}`])
    must('rpmbuild', ['-bb', deployed('rpm/muster-agent.spec'), ...definitions])
    rpm = join(work, 'top/RPMS', filesBelow(join(work, 'top/RPMS'))[0] ?? '')
    mkdirSync(archived)
    must('rpm2archive', [rpm])
    must('tar', ['-xzf', `${rpm}.tgz`, '-C', archived])
  })
  after(() => rmSync(work, { recursive: true, force: true }))

  test('everything arrives where the service looks for it, belongs to root, and is written by nobody else', () => {
    const listed = asked('-lv')
      .split('\n')
      .map((line) => line.replaceAll(/\s+/g, ' ').split(' '))
    const files: Record<string, readonly (string | undefined)[]> = Object.fromEntries(
      listed.map(([mode, , user, group, , , , , path]) => [path, [mode, user, group]]),
    )
    const at = '/usr/lib/muster-agent'
    assert.deepEqual(files[`${at}/lib/node`], ['-rwxr-xr-x', 'root', 'root'])
    assert.deepEqual(files[`${at}/lib/muster-agent.mjs`], ['-rw-r--r--', 'root', 'root'])
    assert.deepEqual(files['/etc/muster/agent.yaml'], ['-rw-r--r--', 'root', 'root'])
    for (const [mode = ''] of Object.values(files)) assert.match(mode, /^(?:[-d].{4}-..-.|lrwxrwxrwx)$/)
    const [, program = ''] =
      /^ExecStart=(\S+)/m.exec(readFileSync(join(archived, 'usr/lib/systemd/system/muster-agent.service'), 'utf8')) ??
      []
    assert.ok(program in files, program)
    assert.equal(Object.values(files).length, listed.length)
  })

  test('the owner’s file is kept when a later version comes', () => {
    assert.equal(asked('--configfiles'), '/etc/muster/agent.yaml')
    assert.match(asked('--queryformat', '[%{FILENAMES} %{FILEFLAGS:fflags}\n]'), /^\/etc\/muster\/agent\.yaml cn$/m)
  })

  test('the launcher finds its Node, and nothing of it was changed on the way', () => {
    const launcher = join(archived, 'usr/bin/muster-agent')
    assert.match(must(launcher, ['status']), /lib\/muster-agent\.mjs\|status\|$/)
    const [carried, deployedText] = [
      join(archived, 'usr/lib/muster-agent/bin/muster-agent'),
      deployed('bin/muster-agent'),
    ]
    assert.equal(readFileSync(carried, 'utf8'), readFileSync(deployedText, 'utf8'))
  })

  test('its scripts are a shell’s, make the account first, and start nothing that nobody asked for', () => {
    const scripts = asked('--scripts')
    const [preinstall = ''] = scripts.split('postinstall')
    assert.match(preinstall, /useradd --system .* muster-agent/s)
    assert.doesNotMatch(scripts, /systemctl (?:enable|start)/)
    for (const kind of ['PREIN', 'POSTIN', 'PREUN', 'POSTUN'])
      must('sh', ['-n', '-c', asked('--queryformat', `%{${kind}}`)])
    assert.match(asked('--requires'), /^systemd$/m)
    const arch = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string]
    assert.equal(asked('--queryformat', '%{NAME} %{VERSION} %{ARCH}'), `muster-agent ${version} ${arch}`)
  })
})
