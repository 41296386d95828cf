// Names of policies are free text, and some of them would be no file, or somebody else's.
// That the files hold what is published is shown in the flow tests, against a server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileNameOf } from './policy-export.ts'

const cases: readonly (readonly [name: string, file: string])[] = [
  ['engineering', 'engineering.yaml'],
  ['macs-2026.v1', 'macs-2026.v1.yaml'],
  ['../../etc/passwd', 'pol_1.yaml'],
  ['a/b', 'pol_1.yaml'],
  ['.hidden', 'pol_1.yaml'],
  ['-rf', 'pol_1.yaml'],
  ['Über alle', 'pol_1.yaml'],
  // Two names that differ in case only would be one file on some systems.
  ['Engineering', 'pol_1.yaml'],
  ['x'.repeat(128), 'pol_1.yaml'],
]

for (const [name, file] of cases)
  test(`the policy ${JSON.stringify(name)} is exported as ${file}`, () =>
    assert.equal(fileNameOf({ id: 'pol_1', name }), file))
