// Flags of the engine beside Node's own modules, which are taken as Node's makers compiled them.
// Which flags a service starts the agent with is service/facts.ts.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { cachedDataVersionTag } from 'node:v8'
import { frugalFlags } from '../service/facts.ts'
import { asNodeWasMade, moduleOfNode, setFlag } from './module-of-node.ts'

test('a flag holds, but not while a module of Node is loaded, even if that fails', () => {
  const plain = cachedDataVersionTag()
  setFlag('--no-sparkplug', '--sparkplug')
  const frugal = cachedDataVersionTag()
  assert.notEqual(frugal, plain)
  assert.equal(asNodeWasMade(cachedDataVersionTag), plain)
  assert.equal(cachedDataVersionTag(), frugal)
  assert.throws(() =>
    asNodeWasMade(() => {
      throw new Error('no such thing')
    }),
  )
  assert.equal(cachedDataVersionTag(), frugal)
  assert.equal(moduleOfNode('node:path'), process.getBuiltinModule('node:path'))
})

/** In a process of its own, since flags belong to one. */
const tagIn = (flags: readonly string[], code: string): string => {
  const at = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href)
  const lines = [
    `import { cachedDataVersionTag } from 'node:v8'`,
    `import { asNodeWasMade } from ${at('./module-of-node.ts')}`,
    `import { beFrugal, growSlowly } from ${at('./frugal.ts')}`,
    code,
  ]
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', lines.join('\n')], {
    encoding: 'utf8',
  })
  assert.match(stdout, /^\d+ \w+\n$/, stderr)
  return stdout.trim()
}

test('with the flags of the service Node finds its own modules compiled, and the collector is there', () => {
  const plain = tagIn([], 'console.log(cachedDataVersionTag(), typeof gc)')
  const service = tagIn(
    frugalFlags,
    'beFrugal(); growSlowly(); console.log(asNodeWasMade(cachedDataVersionTag), typeof gc)',
  )
  assert.deepEqual([service.split(' ')[0], service.split(' ')[1]], [plain.split(' ')[0], 'function'])
  const outside = tagIn(frugalFlags, 'beFrugal(); console.log(cachedDataVersionTag(), typeof gc)')
  assert.notEqual(outside.split(' ')[0], plain.split(' ')[0])
})
