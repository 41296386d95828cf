// The command line as a table: what is understood, and what is told about a slip.
// That the program prints it and exits with 2 is tested in main.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlainFault } from '../plain-fault.ts'
import { COMMANDS, helpText, readArguments } from './arguments.ts'

const plain = {
  action: null,
  words: [],
  surface: undefined,
  limit: undefined,
  config: undefined,
  json: false,
  all: false,
  exitWithStdin: false,
  clearRejected: false,
  exitZeroIfRejected: false,
  tokenStdin: false,
  system: false,
  print: false,
  newKey: false,
}

test('commands and flags are understood wherever they stand', () => {
  assert.deepEqual(readArguments(['run']), { ...plain, command: 'run' })
  assert.deepEqual(readArguments(['--config=x', 'scan', '--json']), {
    ...plain,
    command: 'scan',
    config: 'x',
    json: true,
  })
  assert.deepEqual(readArguments(['reset', '--all']), { ...plain, command: 'reset', all: true })
  const service = { ...plain, command: 'service', action: 'install', system: true }
  assert.deepEqual(readArguments(['service', '--system', 'install']), service)
  const wanted = { words: ['left', 'pad'], surface: 'homebrew', limit: 9 }
  assert.deepEqual(readArguments(['changes', 'left', '--limit', '9', 'pad', '--surface=homebrew']), {
    ...plain,
    command: 'changes',
    ...wanted,
  })
  assert.deepEqual(readArguments(['run', '--exit-with-stdin']), { ...plain, command: 'run', exitWithStdin: true })
})

test('questions are answered whatever else is said', () => {
  for (const argv of [[], ['help'], ['-h'], ['run', '--help']]) assert.equal(readArguments(argv), 'help')
  assert.equal(readArguments(['--version']), 'version')
})

const slips: { name: string; argv: string[]; says: RegExp }[] = [
  { name: 'a command nobody knows', argv: ['rnu'], says: /no command "rnu"/ },
  { name: 'a name every object has', argv: ['constructor'], says: /no command "constructor"/ },
  { name: 'a flag nobody knows', argv: ['run', '--jsno'], says: /--jsno/ },
  { name: 'a flag of another command', argv: ['run', '--json'], says: /run has no flag --json/ },
  { name: 'a name too many', argv: ['scan', 'here'], says: /takes no "here"/ },
  { name: 'an action that is missing', argv: ['service'], says: /service needs one of: install, uninstall/ },
  { name: 'an action nobody knows', argv: ['service', 'start'], says: /service needs one of/ },
  { name: 'an action too many', argv: ['service', 'install', 'x'], says: /takes no "x"/ },
  { name: 'a flag without its value', argv: ['scan', '--config'], says: /--config/ },
  { name: 'a limit that is none', argv: ['changes', '--limit', '0'], says: /--limit is a whole number from 1 .*"0"/ },
  { name: 'a limit for what has no list', argv: ['status', '--limit', '1'], says: /status has no flag --limit/ },
  { name: 'a value for a switch', argv: ['scan', '--json=yes'], says: /--json/ },
]
for (const { name, argv, says } of slips)
  test(`a slip: ${name}`, () =>
    assert.throws(
      () => readArguments(argv),
      (fault) =>
        fault instanceof PlainFault &&
        fault.exitCode === 2 &&
        says.test(fault.message) &&
        !fault.message.includes('\n'),
    ))

test('the help names every command', () => {
  for (const command of Object.keys(COMMANDS)) assert.match(helpText(), new RegExp(`^  ${command} `, 'm'))
})
