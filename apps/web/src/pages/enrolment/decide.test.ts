// Wishes for tokens as a table, and the line that leaves an agent's file.
// That an agent joins with it is tests/browser.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { agentFileFor, firstWish, installLine, judgeWish, tagsOf, type Wish } from './decide.ts'

const wish: Wish = { ...firstWish, label: 'laptops' }
const cases: readonly (readonly [name: string, wish: Partial<Wish>, faults: readonly string[]])[] = [
  ['as it comes', {}, []],
  ['without a label', { label: ' ' }, ['label']],
  ['no uses', { maxUses: '0' }, ['maxUses']],
  ['too many uses', { maxUses: '10001' }, ['maxUses']],
  ['half a use', { maxUses: '1.5' }, ['maxUses']],
  ['tags', { tags: 'team=web, eu' }, []],
  ['a tag that is none', { tags: 'team=web <b>' }, ['tags']],
  ['for one plane', { planes: ['telemetry'] }, []],
  ['for no plane', { planes: [] }, ['planes']],
]
for (const [name, change, faults] of cases)
  test(`${name}: ${faults.join() || 'good'}`, () => {
    const judged = judgeWish({ ...wish, ...change })
    assert.deepEqual(judged.ok ? [] : Object.keys(judged.faults), faults)
  })

test('a good wish is what the API takes', () => {
  assert.deepEqual(judgeWish({ ...wish, tags: 'a b' }), {
    ok: true,
    body: { label: 'laptops', maxUses: 1, expiresInSeconds: 86_400, tags: ['a', 'b'] },
  })
})

test('what is more than usual is said as well', () => {
  const judged = judgeWish({ ...wish, planes: ['observe'], groups: ['web team'], allowReenroll: true })
  assert.deepEqual(judged, {
    ok: true,
    body: {
      label: 'laptops',
      maxUses: 1,
      expiresInSeconds: 86_400,
      planes: ['observe'],
      groups: ['web team'],
      allowReenroll: true,
    },
  })
})

test('tags are parted by commas and spaces', () => assert.deepEqual(tagsOf(' a,b  c '), ['a', 'b', 'c']))

const file = '# Put this there.\nserver: "https://h:8443"\n# serverCA: ca.pem   # when so\nenrollmentToken: "met_x"\n'

test('the file names the authority of the fleet when the machine has to trust it', () => {
  assert.match(agentFileFor(file, 'fleet'), /^serverCA: ca\.pem$/m)
  assert.equal(agentFileFor(file, 'public'), file)
})

test('a shell runs the line and is left with the file', () => {
  const home = mkdtempSync(join(tmpdir(), 'muster-web-'))
  try {
    const line = installLine(file.replace('met_x', "met_$HOME'`x"), 'public', '')
    execFileSync('sh', ['-c', line], { env: { HOME: home, PATH: process.env['PATH'] } })
    const written = readFileSync(join(home, '.config/muster/agent.yaml'), 'utf8')
    assert.equal(written, `server: "https://h:8443"\nenrollmentToken: "met_$HOME'\`x"\n`)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})

test('the authority is fetched from where the dashboard is', () =>
  assert.match(installLine(file, 'fleet', 'https://muster.example'), /curl -fsS 'https:\/\/muster\.example\/ca\.pem'/))
