// The Debian package, built by dpkg-deb and installed by dpkg into a root of its own: what arrives, with which rights,
// what the scripts ask of the system, and what removing and purging leave.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { bundleAgent } from './bundle.ts'
import { packDeb } from './deb.ts'
import { deployed } from './layout.ts'
import { digestOf, findNode, pinnedVersion } from './node-build.ts'
import { TARGETS } from './targets.ts'

const own = TARGETS.find(({ name }) => name === `linux-${process.arch}`) ?? assert.fail('tests run on Linux')
const version = (
  JSON.parse(readFileSync(join(deployed('..'), 'apps/agent/package.json'), 'utf8')) as { version: string }
).version

const run = (program: string, args: readonly string[], env: Record<string, string> = {}) => {
  const ended = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', ...env } })
  return { code: ended.status, out: ended.stdout, err: ended.stderr }
}
const must = (program: string, args: readonly string[], env?: Record<string, string>): string => {
  const { code, out, err } = run(program, args, env)
  assert.equal(code, 0, `${program} ${args.join(' ')}: ${out}${err}`)
  return out
}

suite('the Debian package', () => {
  const work = mkdtempSync(join(tmpdir(), 'muster-deb-'))
  const deb = join(work, 'a.deb')
  const machine = join(work, 'machine')
  const asked = join(work, 'asked')
  const inMachine = (path: string): string => join(machine, path)

  /** dpkg as it installs into a machine that is not the one it runs on; what it asks of systemd is written down. */
  const dpkg = (...args: readonly string[]): string =>
    must(
      'dpkg',
      [
        `--root=${machine}`,
        '--force-not-root',
        '--force-bad-path',
        '--force-depends',
        '--force-script-chrootless',
        ...args,
      ],
      { PATH: `${join(work, 'system')}:${process.env['PATH']}:/usr/sbin:/sbin`, ASKED: asked },
    )

  const build = async (path: string): Promise<void> => {
    const bundle = await bundleAgent()
    const contents = { bundle, version, nodeVersion: pinnedVersion(), node: await findNode(own) }
    packDeb(mkdtempSync(join(work, 'tree-')), path, own, contents, true)
  }

  before(async () => {
    await build(deb)
    for (const folder of ['var/lib/dpkg/info', 'var/lib/dpkg/updates', 'etc/muster'])
      mkdirSync(inMachine(folder), { recursive: true })
    writeFileSync(inMachine('var/lib/dpkg/status'), '')
    writeFileSync(inMachine('etc/muster/server.yaml'), '# of another package\n')
    mkdirSync(join(work, 'system'))
    for (const program of ['systemd-sysusers', 'systemd-tmpfiles', 'systemctl'])
      writeFileSync(join(work, 'system', program), `#!/bin/sh\necho ${program} "$@" >> "$ASKED"\n`, { mode: 0o755 })
  })
  after(() => rmSync(work, { recursive: true, force: true }))

  test('two builds of the same sources are the same bytes', async () => {
    const again = join(work, 'again.deb')
    await build(again)
    assert.equal(await digestOf(again), await digestOf(deb))
    rmSync(again)
  })

  test('says what it is, what it needs, and which file is the owner’s', () => {
    const field = (name: string): string => must('dpkg-deb', ['--field', deb, name]).trim()
    assert.deepEqual(['Package', 'Version', 'Architecture', 'Section', 'Priority'].map(field), [
      'muster-agent',
      version,
      own.debianArchitecture,
      'admin',
      'optional',
    ])
    const installed = Number(field('Installed-Size'))
    assert.ok(installed > 100_000 && installed < 200_000, String(installed))
    assert.equal(must('dpkg-deb', ['--info', deb, 'conffiles']), '/etc/muster/agent.yaml\n')
    assert.match(field('Description'), /^inventory of .{10,60}\n(?: \S.{0,78}\n?)+$/)
  })

  test('asks for a C library as new as the Node in it, and for every library that Node is linked to', async () => {
    const text = readFileSync(await findNode(own), 'latin1')
    const newest = Math.max(...[...text.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor)))
    const depends = must('dpkg-deb', ['--field', deb, 'Depends']).trim().split(', ')
    assert.ok(depends.includes(`libc6 (>= 2.${newest})`), depends.join())
    const packages = {
      'libatomic.so.1': 'libatomic1',
      'libgcc_s.so.1': 'libgcc-s1',
      'libstdc++.so.6': 'libstdc++6 (>= 8)',
    }
    for (const [library, name] of Object.entries(packages))
      assert.equal(text.includes(`${library}\0`), depends.includes(name), library)
  })

  test('holds nothing that only root or only the builder may read, nothing that others may write', () => {
    const lines = must('dpkg-deb', ['--contents', deb]).trim().split('\n')
    const odd = lines.filter((line) => !/^(?:drwxr-xr-x|-rwxr-xr-x|-rw-r--r--|lrwxrwxrwx) root\/root /.test(line))
    assert.deepEqual(odd, [])
    assert.ok(lines.length > 20)
  })

  test('its papers are where Debian looks for them', () => {
    const folder = join(work, 'papers')
    must('dpkg-deb', ['--extract', deb, folder])
    const papers = join(folder, 'usr/share/doc/muster-agent')
    assert.match(
      gunzipSync(readFileSync(join(papers, 'changelog.gz'))).toString(),
      new RegExp(`^muster-agent \\(${version}\\) `),
    )
    assert.match(readFileSync(join(papers, 'copyright'), 'utf8'), /zod .* \(MIT\)/)
    rmSync(folder, { recursive: true })
  })

  test('installed, the program runs from its link, the account and its folder are asked for, and nothing is started', () => {
    dpkg('--install', deb)
    assert.equal(must(inMachine('usr/bin/muster-agent'), ['--version']), `${version}\n`)
    assert.equal(
      readFileSync(asked, 'utf8'),
      `systemd-sysusers --root=${machine} muster-agent.conf\nsystemd-tmpfiles --root=${machine} --create muster-agent.conf\n`,
    )
    must('dpkg', [`--root=${machine}`, '--verify', 'muster-agent'])
    assert.equal(existsSync(inMachine('etc/systemd/system')), false)
  })

  test('the service runs what was installed, as the account that was made, in the folder that is its own', () => {
    const unit = readFileSync(inMachine('usr/lib/systemd/system/muster-agent.service'), 'utf8')
    const words = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? []
    for (const path of words.filter((word) => word.startsWith('/'))) assert.ok(existsSync(inMachine(path)), path)
    assert.equal(statSync(inMachine(words[0] ?? '')).mode & 0o111, 0o111)
    const account = /^User=(.*)$/m.exec(unit)?.[1]
    assert.match(
      readFileSync(inMachine('usr/lib/sysusers.d/muster-agent.conf'), 'utf8'),
      new RegExp(`^u ${account} `, 'm'),
    )
    assert.match(
      readFileSync(inMachine('usr/lib/tmpfiles.d/muster-agent.conf'), 'utf8'),
      new RegExp(`^d /var/lib/${account} 0700 ${account} ${account} -$`, 'm'),
    )
    assert.match(
      readFileSync(inMachine('etc/muster/agent.yaml'), 'utf8'),
      new RegExp(`^dataDir: /var/lib/${account}$`, 'm'),
    )
  })

  test('its configuration is one that the agent takes, as it comes and with every line in force', () => {
    const file = inMachine('etc/muster/agent.yaml')
    const said = readFileSync(file, 'utf8')
    const inForce = join(work, 'agent.yaml')
    const yaml = said.replace(/^#((?: {2})*[a-z][A-Za-z]*:)/gm, '$1').replaceAll('/var/lib', join(work, 'state'))
    assert.match(yaml, /^server: .*^enrollmentTokenFile: .*^ {4}projectRoots: /ms)
    for (const text of [said.replaceAll('/var/lib', join(work, 'state')), yaml]) {
      writeFileSync(inForce, text)
      must(inMachine('usr/bin/muster-agent'), ['status', '--json', '--config', inForce])
    }
  })

  test('a new version keeps what the owner wrote', () => {
    writeFileSync(inMachine('etc/muster/agent.yaml'), 'dataDir: /srv/agent\n')
    dpkg('--install', deb)
    assert.equal(readFileSync(inMachine('etc/muster/agent.yaml'), 'utf8'), 'dataDir: /srv/agent\n')
  })

  test('removing takes the program and keeps the device; purging forgets it and spares what is not its own', () => {
    const wants = inMachine('etc/systemd/system/multi-user.target.wants')
    mkdirSync(wants, { recursive: true })
    writeFileSync(join(wants, 'muster-agent.service'), '')
    mkdirSync(inMachine('var/lib/muster-agent'), { recursive: true })
    writeFileSync(inMachine('var/lib/muster-agent/device-key.pem'), 'key')
    dpkg('--remove', 'muster-agent')
    assert.equal(existsSync(inMachine('usr/lib/muster-agent')), false)
    assert.equal(existsSync(join(wants, 'muster-agent.service')), false)
    assert.ok(existsSync(inMachine('etc/muster/agent.yaml')))
    assert.ok(existsSync(inMachine('var/lib/muster-agent/device-key.pem')))
    dpkg('--purge', 'muster-agent')
    assert.equal(existsSync(inMachine('etc/muster/agent.yaml')), false)
    assert.equal(existsSync(inMachine('var/lib/muster-agent')), false)
    assert.ok(existsSync(inMachine('etc/muster/server.yaml')))
  })
})
