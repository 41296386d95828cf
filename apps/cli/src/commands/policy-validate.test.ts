// Proof that a policy is checked without a server, and says so; that the answer is the server's own is proved in tests/flow.
// What is wrong with which document is proved in the observe plane.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTerminal } from '../testing/terminal.ts'

const good = 'apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: p }\nagent: {}\n'
const bad =
  'apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: p }\nagent:\n  rulez: []\n  watch: { pollIntervalSeconds: 0 }\n'

const withFile = (text: string, env: Readonly<Record<string, string>> = {}) => {
  const terminal = createTerminal({ env })
  writeFileSync(join(terminal.homeFolder, 'policy.yaml'), text)
  return (...words: string[]) => terminal.run('policy', 'validate', 'policy.yaml', ...words)
}

test('a good document is valid here, and what only a server knows is named', async () => {
  const { code, out, err } = await withFile(good)()
  assert.equal(code, 0)
  assert.match(out, /^policy\.yaml is valid: \d+ bytes, sha256 [0-9a-f]{64}\n$/)
  assert.match(err, /^Checked here only, without what only a server knows: .* No server was named with a token\.\n$/)
  const offline = await withFile(good)('--offline')
  assert.deepEqual([offline.code, offline.out, offline.err], [0, out, ''])
})

test('a rule for what only our own agents look at is valid, and its author is told who will not have it', async () => {
  const rule = '{ id: a, surface: debianPackages, match: always, severity: info, title: T, rationale: R }'
  const { code, out } = await withFile(good.replace('{}', `{ includeBuiltinRules: true, rules: [${rule}] }`))('--json')
  assert.equal(code, 0)
  const { valid, warnings } = JSON.parse(out)
  assert.deepEqual([valid, warnings.map((warning: { code: string }) => warning.code)], [true, ['own_agents_only']])
})

test('every error of a bad one is told with its place, and the run fails', async () => {
  const { code, out } = await withFile(bad)('--json')
  assert.equal(code, 1)
  const { valid, errors, bundle } = JSON.parse(out)
  assert.deepEqual([valid, bundle], [false, null])
  assert.deepEqual(
    errors.map((error: Record<string, unknown>) => [error['line'], error['column'], error['path']]),
    [
      [5, 3, '/agent/rulez'],
      [6, 33, '/agent/watch/pollIntervalSeconds'],
    ],
  )
  for (const { code: fault, message } of errors) assert.ok(fault.length > 0 && message.length > 0)
})

test('a server that cannot be asked is named, and the document is checked all the same', async () => {
  const run = withFile(good, { MUSTER_URL: 'http://127.0.0.1:9', MUSTER_TOKEN: 'mot_test' })
  const { code, out, err } = await run()
  assert.equal(code, 0)
  assert.match(out, /is valid/)
  assert.match(err, /Checked here only, .* http:\/\/127\.0\.0\.1:9 does not answer/)
})
