// What is given back when there is nothing to do: after a start also the code that made it.
// When there is nothing to do is the lanes' to say.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { frugalFlags } from '../service/facts.ts'

/** How much code there is in a process of its own, before and after its leftovers went, and whether it still runs. */
const codeBytes = (leftovers: string): readonly [number, number, number] => {
  const lines = [
    `import { cachedDataVersionTag, getHeapCodeStatistics } from 'node:v8'`,
    `import { beFrugal, createTidying } from ${JSON.stringify(new URL('./frugal.ts', import.meta.url).href)}`,
    `beFrugal()`,
    `const many = Array.from({ length: 3000 }, (_, no) => new Function('x', 'return [x, ' + no + ', x + ' + no + ']'))`,
    `const sum = () => many.reduce((all, one) => all + one(1)[2], 0)`,
    `sum()`,
    `const size = () => getHeapCodeStatistics().bytecode_and_metadata_size`,
    `const [before, tag] = [size(), cachedDataVersionTag()]`,
    `createTidying()('${leftovers}')`,
    `const collected = new WeakRef({})`,
    `while (collected.deref() !== undefined) await new Promise((resolve) => setTimeout(resolve, 50))`,
    `const after = size()`,
    `if (tag !== cachedDataVersionTag()) throw new Error('a flag was left behind')`,
    `console.log(JSON.stringify([before, after, sum()]))`,
  ]
  const words = [...frugalFlags, '--input-type=module', '-e', lines.join('\n')]
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  assert.notEqual(stdout, '', stderr)
  return JSON.parse(stdout) as [number, number, number]
}

test('where the collector was asked for, nothing is compiled to machine code, however often it is called', () => {
  const lines = [
    `import { getHeapCodeStatistics } from 'node:v8'`,
    `import { beFrugal } from ${JSON.stringify(new URL('./frugal.ts', import.meta.url).href)}`,
    `beFrugal()`,
    `const many = Array.from({ length: 100 }, (_, no) => new Function('x', 'return x + ' + no))`,
    `const size = () => getHeapCodeStatistics().code_and_metadata_size`,
    `const before = size()`,
    `for (let round = 0; round < 20_000; round++) for (const one of many) one(round)`,
    `console.log((size() - before) / many.length)`,
  ]
  const words = [...frugalFlags, '--input-type=module', '-e', lines.join('\n')]
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  assert.notEqual(stdout, '', stderr)
  assert.ok(Number(stdout) < 50, `${stdout} bytes for each function`)
})

test('what lies beside another process at its largest goes at once', () => {
  const lines = [
    `import { createTidying } from ${JSON.stringify(new URL('./frugal.ts', import.meta.url).href)}`,
    `const left = new WeakRef({})`,
    `await new Promise((resolve) => setImmediate(resolve))`,
    `createTidying()('beside')`,
    `console.log(left.deref() === undefined)`,
  ]
  const words = [...frugalFlags, '--input-type=module', '-e', lines.join('\n')]
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  assert.equal(stdout, 'true\n', stderr)
})

test('after much, code that was called once goes, and is compiled again when it is called again', () => {
  const [before, after, sum] = codeBytes('much')
  assert.ok(after < before / 2, `${before} bytes of code, then ${after}`)
  assert.equal(sum, (3000 * 3001) / 2)
})

test('after little, code stays for the next time', () => {
  const [before, after] = codeBytes('little')
  assert.ok(after > before / 2, `${before} bytes of code, then ${after}`)
})
