// What entries of MCP servers become, as a table (sensor-agent 7).
// That nothing else of them is ever seen is shown in disclosure and in secrets.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readMcpServers } from './mcp-servers.ts'

const cases: { name: string; entry: unknown; want: readonly [string, string] | 'nothing' | 'odd' }[] = [
  { name: 'a command with arguments', entry: { command: 'npx', args: ['-y', 'x'] }, want: ['npx', 'npx -y x'] },
  { name: 'a command alone', entry: { command: '/bin/x y' }, want: ['/bin/x y', '/bin/x y'] },
  { name: 'a url', entry: { type: 'http', url: 'https://h/p?q' }, want: ['https://h/p?q', 'https://h/p?q'] },
  { name: 'both', entry: { url: 'https://h', command: 'x', args: ['y'] }, want: ['https://h', 'https://h'] },
  { name: 'an empty url beside a command', entry: { url: '', command: 'x' }, want: ['x', 'x'] },
  { name: 'a helper', entry: { url: 'u', headersHelper: 'get-token' }, want: ['u', 'u headersHelper'] },
  {
    name: 'a helper of a command',
    entry: { command: 'c', args: ['a'], headersHelper: ' ' },
    want: ['c', 'c a headersHelper'],
  },
  { name: 'an empty helper', entry: { url: 'u', headersHelper: '' }, want: ['u', 'u'] },
  { name: 'nulls', entry: { url: null, command: 'x', args: null, headersHelper: null }, want: ['x', 'x'] },
  { name: 'a command as a list', entry: { type: 'local', command: ['bun', 'x', 's'] }, want: ['bun', 'bun x s'] },
  { name: 'a list and arguments', entry: { command: ['a', 'b'], args: ['c'] }, want: ['a', 'a b c'] },
  {
    name: 'arguments that are empty or have spaces',
    entry: { command: 'x', args: ['', 'a b'] },
    want: ['x', 'x  a b'],
  },
  { name: 'half a surrogate pair', entry: { command: '\ud800' }, want: ['\ufffd', '\ufffd'] },
  { name: 'neither', entry: { env: { A: 'b' } }, want: 'nothing' },
  { name: 'an empty command', entry: { command: '' }, want: 'nothing' },
  { name: 'an empty list', entry: { command: [] }, want: 'nothing' },
  { name: 'a number as command', entry: { command: 1 }, want: 'odd' },
  { name: 'a url that is a mapping', entry: { url: {}, command: 'x' }, want: 'odd' },
  { name: 'arguments that are a text', entry: { command: 'x', args: 'y' }, want: 'odd' },
  { name: 'an argument that is a number', entry: { command: 'x', args: ['y', 1] }, want: 'odd' },
  { name: 'a list with a number', entry: { command: ['x', 1] }, want: 'odd' },
  { name: 'a helper that is a flag', entry: { url: 'u', headersHelper: true }, want: 'odd' },
  { name: 'a text', entry: 'npx', want: 'odd' },
  { name: 'a list', entry: ['npx'], want: 'odd' },
  { name: 'null', entry: null, want: 'odd' },
]
for (const { name, entry, want } of cases)
  test(`MCP entry: ${name}`, () => {
    const { servers, oddNames } = readMcpServers({ before: { command: 'b' }, it: entry, after: { command: 'a' } })
    const others = servers.filter((server) => server.name !== 'it')
    assert.equal(others.length, 2)
    const it = servers.find((server) => server.name === 'it')
    assert.deepEqual(it === undefined ? 'nothing' : [it.origin, it.detail], want === 'odd' ? 'nothing' : want)
    assert.deepEqual(oddNames, want === 'odd' ? ['it'] : [])
  })

test('no value makes the reader throw', () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => void readMcpServers(value)))
})
