// The program's lists from outside: what an owner without any server reads of what was found, what changed, and what
// the rules made of it. What is listed in which order is proved in lanes/observe/feed and lanes/observe/inventory.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { onlyLockfiles, scratchFolder } from './lanes/observe/testing/stores.ts'
import { launch, runToEnd } from './program/testing/agent-program.ts'

const folder = scratchFolder()
const projects = join(folder, 'projects')
const config = join(folder, 'agent.yaml')

const ask = (...words: readonly string[]) => runToEnd([...words, '--config', config])
const askJson = async (...words: readonly string[]) => JSON.parse((await ask(...words, '--json')).out)

const install = (packages: Readonly<Record<string, string>>): void => {
  const entries = Object.entries(packages).map(([name, version]) => [`node_modules/${name}`, { version }])
  const lock = { name: 'site', lockfileVersion: 3, packages: Object.fromEntries(entries) }
  writeFileSync(join(projects, 'package-lock.json'), JSON.stringify(lock))
}

/** Runs until `isSeen`: what is asked for beside a running agent is one moment of it. */
const runUntil = async (isSeen: () => Promise<boolean>): Promise<void> => {
  const agent = launch(['run', '--config', config])
  while (!(await isSeen())) assert.deepEqual([agent.exitCode, agent.signalCode], [null, null])
  agent.kill('SIGTERM')
  assert.deepEqual(await once(agent, 'close'), [0, null])
}

const rule = {
  id: 'old-pad',
  surface: 'javascriptPackages',
  title: 'left-pad is here',
  rationale: 'It once was not.',
  severity: 'suspicious',
  triggers: ['added', 'modified'],
  match: 'fieldContainsAny',
  field: 'name',
  values: ['left-pad'],
}

before(() => {
  mkdirSync(projects)
  const observe = { ...onlyLockfiles, watch: { projectRoots: [projects] }, rules: [rule] }
  writeFileSync(config, JSON.stringify({ dataDir: join(folder, 'data'), planes: ['observe'], observe }))
})

test('before the first scan there is nothing to list, and it is said what to do', async () => {
  const { code, out, err } = await ask('inventory')
  assert.deepEqual([code, out], [1, ''])
  assert.equal(
    err,
    'muster-agent: this machine was not scanned yet: muster-agent run keeps what it finds, muster-agent scan only looks\n',
  )
})

test('what was found, what changed and what rules found are listed without any server, for people and for programs', async () => {
  install({ 'left-pad': '1.2.0', axios: '1.14.1', '@types/node': '26.0.0' })
  await runUntil(async () => (await ask('inventory')).code === 0 && (await askJson('inventory')).total === 3)
  install({ 'left-pad': '1.3.0', '@types/node': '26.0.0' })
  await runUntil(async () => (await askJson('changes')).total === 3)

  const path = join(projects, 'package-lock.json')
  assert.equal(
    (await ask('inventory')).out,
    `javascriptPackages package @types/node 26.0.0  ${path}\njavascriptPackages package left-pad 1.3.0  ${path}\n`,
  )
  const { total, items } = await askJson('inventory', 'PAD')
  assert.deepEqual([total, items.length, items[0].name, items[0].version], [1, 1, 'left-pad', '1.3.0'])
  assert.match(
    (await ask('changes')).out,
    /^\S+Z added left-pad npm {2}javascriptPackages\/package\/.*\/left-pad\/1\.3\.0$/m,
  )
  assert.match((await ask('changes', 'removed', 'AXIOS')).out, /^\S+Z removed axios .*\n$/)
  const found = (await ask('findings')).out
  assert.match(found, /^\S+Z suspicious left-pad is here {2}\(old-pad\)\n {2}javascriptPackages left-pad {2}.*\n/)
  assert.match(found, /\n {2}It once was not\.\n$/)
  const [finding] = (await askJson('findings')).findings
  assert.deepEqual([finding.ruleId, finding.times, finding.evidence.path], ['old-pad', 1, path])
})

test('what is not shown is told beside the list, and so is that there is none', async () => {
  const first = await ask('inventory', '--limit', '1')
  assert.deepEqual([first.out.split('\n').length, first.err], [2, 'the first 1 of 2; --limit 2 shows all\n'])
  const none = await ask('inventory', 'nothing', '--surface', 'javascriptPackages')
  assert.deepEqual(none, { code: 0, out: '', err: 'no items\n' })
  const slip = await ask('findings', '--surface', 'javascript')
  assert.deepEqual([slip.code, slip.out], [2, ''])
  assert.match(
    slip.err,
    /^muster-agent: no surface "javascript" was scanned here; those that were: javascriptPackages\n$/,
  )
})
