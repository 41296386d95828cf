// The lists of the overview as tables to take away: changes, how far policies have come, coverage by surface.
// Findings are a table of their own page.
import type { CsvTable } from '@muster/contract/csv'
import type { AnswerTo, ItemOf } from '../../wire/ask.ts'

export const CHANGES_CSV: CsvTable<ItemOf<'listChanges'>> = {
  columns: ['receivedAt', 'observedAt', 'change', 'surface', 'kind', 'name', 'version', 'path', 'hostname', 'deviceId'],
  rowsOf: (one) => [
    [
      one.receivedAt,
      one.observedAt,
      one.change,
      one.surface,
      one.kind,
      one.name,
      one.version,
      one.path,
      one.hostname,
      one.deviceId,
    ],
  ],
}

export interface Adopted {
  readonly policy: ItemOf<'listPolicies'>
  readonly adoption: AnswerTo<'policyAdoption'> | undefined
}

export const ADOPTION_CSV: CsvTable<Adopted> = {
  columns: ['policyId', 'name', 'generation', 'devices', 'current', 'pending', 'refused', 'unknown', 'publishedAt'],
  rowsOf: ({ policy, adoption }) => [
    [
      policy.id,
      policy.name,
      policy.generation,
      adoption?.devices ?? null,
      adoption?.current ?? null,
      adoption?.pending ?? null,
      adoption?.refused ?? null,
      adoption?.unknown ?? null,
      adoption?.publishedAt ?? null,
    ],
  ],
}

export const COVERAGE_CSV: CsvTable<ItemOf<'readCoverage'>> = {
  columns: ['surface', 'complete', 'stale', 'partial', 'none'],
  rowsOf: ({ surface, devices }) => [[surface, devices.complete, devices.stale, devices.partial, devices.none]],
}
