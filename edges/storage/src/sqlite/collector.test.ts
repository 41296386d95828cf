// Proves that the young generation is emptied where V8 lends its collector, and that nothing breaks where it does not.
// What that saves is measured in the bench.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

const module = new URL('./collector.ts', import.meta.url).href

const source = `
import { getHeapSpaceStatistics } from 'node:v8'
const [megabytes, module] = process.argv.slice(1)
const { collectYoung } = await import(module)
const usedMegabytes = () =>
  getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_used_size / 2 ** 20
const fill = (most) => {
  const before = usedMegabytes()
  while (usedMegabytes() - before < most) for (let index = 0; index < 100; index++) globalThis.last = { index }
}
fill(Number(megabytes))
const before = usedMegabytes()
collectYoung()
process.stdout.write(JSON.stringify({ before, after: usedMegabytes() }))`

const collect = (megabytes: number, flags: readonly string[]): { readonly before: number; readonly after: number } => {
  const young = ['--min-semi-space-size=64', '--max-semi-space-size=64', ...flags]
  const program = [...young, '--input-type=module', '-e', source, String(megabytes), module]
  const said = execFileSync(process.execPath, program)
  return JSON.parse(said.toString())
}

test('a full young generation is emptied', () => {
  const { before, after } = collect(30, ['--expose-gc'])
  assert.ok(before > 24 && after < 4, `${before} MB before, ${after} MB after`)
})

test('one with little in it is left to V8', () => {
  const { before, after } = collect(4, ['--expose-gc'])
  assert.ok(after >= before, `${before} MB before, ${after} MB after`)
})

test('nothing happens in a program that was not lent the collector', () => {
  const { before, after } = collect(30, [])
  assert.ok(after >= before, `${before} MB before, ${after} MB after`)
})
