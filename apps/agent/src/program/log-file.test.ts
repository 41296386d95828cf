// Lines in a file: added, moved away by others, and bounded where nobody does.
// What a line says is agent-log.test.ts.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratchFolder } from '../lanes/observe/testing/stores.ts'
import { openJournal } from './agent-log.ts'
import { openLogFile } from './log-file.ts'

const place = (): string => join(scratchFolder(), 'agent.log')

test('lines are added to what is there, and only their owner may read them', () => {
  const path = place()
  for (const line of ['one\n', 'two\n']) {
    const file = openLogFile(path)
    file.write(line)
    file.close()
  }
  assert.deepEqual([readFileSync(path, 'utf8'), statSync(path).mode & 0o777], ['one\ntwo\n', 0o600])
})

test('who moved the file away gets a new one', () => {
  const path = place()
  const file = openLogFile(path)
  file.write('old\n')
  renameSync(path, `${path}.old`)
  file.reopen()
  file.write('new\n')
  assert.deepEqual([readFileSync(`${path}.old`, 'utf8'), readFileSync(path, 'utf8')], ['old\n', 'new\n'])
  file.close()
})

test('where nobody does, it and the one before it are all there is', () => {
  const path = place()
  const file = openLogFile(path, 10)
  for (let no = 0; no < 9; no++) file.write(`line ${no}\n`)
  assert.deepEqual(readdirSync(join(path, '..')).toSorted(), ['agent.log', 'agent.log.1'])
  assert.deepEqual([readFileSync(`${path}.1`, 'utf8'), readFileSync(path, 'utf8')], ['line 6\nline 7\n', 'line 8\n'])
  file.close()
})

test('a folder that goes away ends nothing, and one that never was is told', () => {
  const path = place()
  const file = openLogFile(path)
  rmSync(join(path, '..'), { recursive: true })
  file.reopen()
  file.write('unread\n')
  file.close()
  const journal = openJournal({ level: 'error', file: path })
  journal.log.info('unsaid')
  journal.close()
  assert.equal(existsSync(path), false)
})

test('what is less than asked for is not said', () => {
  const path = place()
  const { log, close } = openJournal({ level: 'warn', file: path })
  log.info('agent starts')
  log.warn('server not reached')
  close()
  assert.deepEqual(
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg),
    ['server not reached'],
  )
})
