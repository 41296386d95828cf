// Retention and legal holds for owners: how long data is kept, and what is kept whatever its age.
// What a change means is retention/'s and legal-hold/'s.
import {
  changeRetention,
  listLegalHolds,
  placeLegalHold,
  readLegalHold,
  readRetention,
  releaseLegalHold,
} from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { KnownOperator } from '@muster/identity'
import { ok } from '@muster/kernel'
import type { LegalHolds } from '../legal-hold/legal-hold.ts'
import type { RetentionTerms } from '../retention/terms.ts'
import { by, versionOf } from './operator.ts'

export interface RetentionRoutesNeeds {
  readonly terms: RetentionTerms
  readonly holds: LegalHolds
}

export const serveRetention = ({ terms, holds }: RetentionRoutesNeeds): readonly Served<KnownOperator>[] => [
  serve<typeof readRetention, KnownOperator>(readRetention, async ({ speaker }) =>
    ok(await terms.read(speaker.tenantId)),
  ),
  serve<typeof changeRetention, KnownOperator>(changeRetention, async (said) => {
    const version = versionOf(said)
    if (!version.ok) return version
    return terms.change(by(said), said.speaker.tenantId, version.value, said.body.days)
  }),
  serve<typeof listLegalHolds, KnownOperator>(listLegalHolds, ({ speaker, query }) =>
    holds.list(speaker.tenantId, query),
  ),
  serve<typeof placeLegalHold, KnownOperator>(placeLegalHold, (said) =>
    holds.place(by(said), said.speaker.tenantId, said.body),
  ),
  serve<typeof readLegalHold, KnownOperator>(readLegalHold, ({ speaker, params }) =>
    holds.read(speaker.tenantId, params.id),
  ),
  serve<typeof releaseLegalHold, KnownOperator>(releaseLegalHold, (said) =>
    holds.release(by(said), said.speaker.tenantId, said.params.id),
  ),
]
