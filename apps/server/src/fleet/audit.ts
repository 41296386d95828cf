// The audit history for operators: list, verify, export; an export is itself recorded before its first line.
// The chain and its pages are the ledger's.
import { type AuditEntry, type AuditStatement, exportAudit, listAudit, verifyAudit } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { KnownOperator } from '@muster/identity'
import { type Clock, ok, refuse, toIso } from '@muster/kernel'
import type { Ledger } from '@muster/ledger'
import type { Storage } from '@muster/storage'
import { by, type OperatorSaid } from './operator.ts'

export interface AuditNeeds {
  readonly ledger: Ledger
  readonly storage: Storage
  readonly clock: Clock
}

/** At most this many at once (fleet-product 12). */
export const maxExports = 4

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

/** The same entries; `done` is called once, when the reader has all of them, gives up, or fails. */
const untilDone = (entries: AsyncIterable<AuditEntry>, done: () => void): AsyncIterable<AuditEntry> => ({
  [Symbol.asyncIterator]() {
    const inner = entries[Symbol.asyncIterator]()
    return {
      async next() {
        try {
          const step = await inner.next()
          if (step.done === true) done()
          return step
        } catch (fault) {
          done()
          throw fault
        }
      },
      async return() {
        done()
        return (await inner.return?.()) ?? { done: true, value: undefined }
      },
    }
  },
})

const createTurnstile = (most: number) => {
  let inside = 0
  return {
    isFull: () => inside >= most,
    /** Returns the way out, which opens once. */
    enter(): () => void {
      let left = false
      inside += 1
      return () => {
        if (!left) inside -= 1
        left = true
      }
    },
  }
}

export const serveAudit = ({ ledger, storage, clock }: AuditNeeds): readonly Served<KnownOperator>[] => {
  const exports = createTurnstile(maxExports)
  return [
    serve(listAudit, ({ speaker, query }: OperatorSaid<typeof listAudit>) => ledger.list(speaker.tenantId, query)),
    serve(verifyAudit, async ({ speaker, query }: OperatorSaid<typeof verifyAudit>) =>
      ok(await ledger.verify(speaker.tenantId, seqOf(query.from), seqOf(query.to))),
    ),
    serve(exportAudit, async (said: OperatorSaid<typeof exportAudit>) => {
      if (exports.isFull()) return refuse('rate_limited', `${maxExports} exports run already.`)
      const leave = exports.enter()
      try {
        await storage.write((tx) => ledger.append(tx, exportStatement(said, clock.nowMs())))
      } catch (fault) {
        leave()
        throw fault
      }
      const { from, to } = said.query
      return ok(untilDone(ledger.export(said.speaker.tenantId, seqOf(from), seqOf(to)), leave))
    }),
  ]
}
