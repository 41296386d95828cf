// Proof that what is told of the ceiling is what the file settles, and short enough for every server.
// That it is kept to is proved where that is done, and in tests/flow.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CEILING_BOUNDS, HeartbeatCeiling } from '@muster/contract/device'
import type { AgentConfiguration } from '../../../configuration/configuration.ts'
import { ceilingOf } from './ceiling.ts'

const told = (permittedPlanes: AgentConfiguration['planes'], scanRoots: readonly string[]) =>
  ceilingOf({ permittedPlanes, observe: { ceiling: { scanRoots, isExplicit: false } } } as AgentConfiguration)

test('planes and roots are told, each root once, and never a job', () => {
  assert.deepEqual(told(['observe', 'telemetry'], ['/src', '/srv', '/src']), {
    planes: ['observe', 'telemetry'],
    scan_roots: ['/src', '/srv'],
    scan_roots_left_off: 0,
    jobs: false,
  })
})

test('who may not look at files has no roots to tell of', () =>
  assert.deepEqual(told(['telemetry'], ['/src']).scan_roots, []))

test('roots beyond the bounds are counted and left off', () => {
  const { maxRoots, maxRootLength } = CEILING_BOUNDS
  const roots = ['/'.padEnd(maxRootLength + 1, 'x'), ...Array.from({ length: maxRoots + 2 }, (_, no) => `/r${no}`)]
  const ceiling = told(['observe'], roots)
  assert.deepEqual([ceiling.scan_roots.length, ceiling.scan_roots_left_off], [maxRoots, 3])
  assert.ok(HeartbeatCeiling.safeParse(ceiling).success)
})
