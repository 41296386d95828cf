// The acceptance lists of the fleet and of the sensors' wire, line by line, as far as they are built.
// Whether the tests pass the runner says; that this check can fail is proved in agent-acceptance.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLine, linesOf, readProof } from './acceptance.ts'
import { FLEET_LINES } from './fleet-lines.ts'
import { SENSOR_LINES } from './sensor-lines.ts'

const list = [...FLEET_LINES, ...SENSOR_LINES]

for (const [line, proofs] of linesOf(list)) test(line, () => assert.deepEqual(checkLine(proofs, readProof), []))

test('no line of the lists has been lost', () =>
  assert.deepEqual(
    list.map(({ area, lines }) => `${area} ${Object.keys(lines).length}`),
    [
      'access 5',
      'enrolment and devices 4',
      'policy 4',
      'findings 1',
      'search 3',
      'audit and retention 4',
      'whole 1',
      'wire 4',
      'identity 5',
      'configuration 3',
      'sync 10',
    ],
  ))
