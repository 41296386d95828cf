// Proves what `npm run up` reads out of its arguments, what it writes for the agent, and what it prints.
// That the programs start, talk and end is proved in tests/flow with the real ones.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agentFile } from './agent-file.ts'
import { flagIn } from './server.ts'
import { count, readyText, typed } from './words.ts'

test('a flag is found in either spelling, and the last one counts', () => {
  assert.equal(flagIn(['--data-dir', 'a', '--data-dir=b'], 'data-dir'), 'b')
  assert.equal(flagIn(['--data-directory', 'a'], 'data-dir'), null)
  assert.equal(flagIn(['--data-dir'], 'data-dir'), null)
})

test('the agent looks at the checkout first, whatever its path is called', () => {
  const facts = { gatewayUrl: 'https://127.0.0.1:8443', caFile: '/m/ca.pem', tokenFile: '/m/token', dataDir: '/m/data' }
  const text = agentFile({ ...facts, root: '/home/ada/my "muster": #1' })
  assert.match(text, /^ {4}projectRoots:\n {6}- "\/home\/ada\/my \\"muster\\": #1"\n/m)
  assert.match(text, /^server: "https:\/\/127\.0\.0\.1:8443"$/m)
})

test('the text says where everything is and what to type next', () => {
  const text = readyText({
    apiUrl: 'http://127.0.0.1:9090',
    gatewayUrl: 'https://localhost:8443',
    tokenFile: './.muster/admin-token',
    logFile: './.muster/server.log',
    flags: ' --url http://127.0.0.1:9090',
  })
  for (const part of [
    'http://127.0.0.1:9090/',
    'https://localhost:8443',
    './.muster/admin-token',
    './.muster/server.log',
  ])
    assert.ok(text.includes(part), part)
  assert.match(text, /npx muster --url http:\/\/127\.0\.0\.1:9090 device list/)
})

test('paths are shown as one would type them', () => {
  assert.equal(typed('/a/b', '/a/b/.muster/x'), './.muster/x')
  assert.equal(typed('/a/b', '/var/lib/muster'), '/var/lib/muster')
})

test('numbers are easy to read', () => {
  assert.equal(count(1, 'package'), '1 package')
  assert.equal(count(12_345, 'package', true), 'at least 12,345 packages')
})
