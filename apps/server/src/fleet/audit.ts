// The audit history for operators: list, verify, export; an export is itself recorded before its first line.
// The chain and its pages are the ledger's.
import { type AuditStatement, exportAudit, listAudit, verifyAudit } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { KnownOperator } from '@muster/identity'
import { type Clock, ok, toIso } from '@muster/kernel'
import type { Ledger } from '@muster/ledger'
import type { Storage } from '@muster/storage'
import { by, type OperatorSaid } from './operator.ts'

export interface AuditNeeds {
  readonly ledger: Ledger
  readonly storage: Storage
  readonly clock: Clock
}

const seqOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))

const exportStatement = (said: OperatorSaid<typeof exportAudit>, nowMs: number): AuditStatement => ({
  tenantId: said.speaker.tenantId,
  occurredAt: toIso(nowMs),
  actor: by(said).actor,
  action: 'audit.exported',
  target: { type: 'audit', id: said.speaker.tenantId },
  outcome: 'success',
  requestId: said.requestId,
  details: { ...said.query },
})

export const serveAudit = ({ ledger, storage, clock }: AuditNeeds): readonly Served<KnownOperator>[] => [
  serve<typeof listAudit, KnownOperator>(listAudit, ({ speaker, query }) => ledger.list(speaker.tenantId, query)),
  serve<typeof verifyAudit, KnownOperator>(verifyAudit, async ({ speaker, query }) =>
    ok(await ledger.verify(speaker.tenantId, seqOf(query.from), seqOf(query.to))),
  ),
  serve<typeof exportAudit, KnownOperator>(exportAudit, async (said) => {
    await storage.write((tx) => ledger.append(tx, exportStatement(said, clock.nowMs())))
    const { from, to } = said.query
    return ok(ledger.export(said.speaker.tenantId, seqOf(from), seqOf(to)))
  }),
]
