// Log lines for people and for programs, out of the same facts.
// Which facts there may be is the kernel's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAgentLog, humanLine } from './agent-log.ts'

const written = (isTTY: boolean): string[] => {
  const lines: string[] = []
  const stream = { isTTY, write: (line: string) => lines.push(line) } as unknown as NodeJS.WriteStream
  const log = createAgentLog(stream)
  log.info('surface scanned', { surface: 'javascriptPackages', 'items.count': 3 })
  log.warn('server not reached', { err: new Error('https://h does not answer') })
  return lines
}

test('programs read one JSON object a line', () => {
  const [first, second] = written(false).map((line) => JSON.parse(line))
  assert.deepEqual([first.msg, first['items.count'], first.level], ['surface scanned', 3, 'info'])
  assert.equal(second.err.message, 'https://h does not answer')
})

test('people read one short line each, with the reason and without the stack', () => {
  const [first, second] = written(true)
  assert.match(first ?? '', /^\S+ +surface scanned surface=javascriptPackages items\.count=3\n$/)
  assert.match(second ?? '', /! server not reached: https:\/\/h does not answer\n$/)
})

test('a line cannot steer the terminal', () => {
  const line = humanLine(JSON.stringify({ level: 'info', msg: 'x', 'file.path': 'a\u001b[2J\nb' }))
  assert.ok(line.endsWith('x file.path=a?[2J?b\n'))
})
