// The acceptance list of the telemetry plane, line by line, platform and agent.
// Whether the tests pass the runner says; that this check can fail is proved in agent-acceptance.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLine, linesOf, readProof } from './acceptance.ts'
import { TELEMETRY_AGENT_LINES } from './telemetry-agent-lines.ts'
import { TELEMETRY_LINES } from './telemetry-lines.ts'

const list = [...TELEMETRY_LINES, ...TELEMETRY_AGENT_LINES]

for (const [line, proofs] of linesOf(list)) test(line, () => assert.deepEqual(checkLine(proofs, readProof), []))

test('no line of the list has been lost', () =>
  assert.deepEqual(
    list.map(({ area, lines }) => `${area} ${Object.keys(lines).length}`),
    ['enrolment tokens 4', 'exchange 9', 'heartbeat 9', 'states 3', 'platform 3', 'agent 9'],
  ))
