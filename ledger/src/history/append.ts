// Writing the history: statements become the next entries of their tenant's chain, in the transaction of what they say.
// Reading it back is read.ts.
import type { AuditEntry, AuditStatement } from '@muster/contract'
import type { Tx } from '@muster/storage'
import { entryOf, linkAfter } from '../chain/link.ts'
import { rowOf, settleStatement } from './decide.ts'
import { claimSeqs, insertAfterClaim } from './store.ts'

const extendChain = async (
  tx: Tx,
  tenantId: string,
  statements: readonly AuditStatement[],
): Promise<readonly AuditEntry[]> => {
  const before = await claimSeqs(tx, tenantId, statements.length)
  const links = linkAfter(before, statements.map(settleStatement))
  await insertAfterClaim(tx, links.map(rowOf), links.at(-1) ?? before)
  return links.map(entryOf)
}

/**
 * Appends statements, of any tenants, and answers their entries in the same order. From here to the end of the
 * transaction nobody else extends these chains, so call it last. The audit numbers stay gapless because a transaction
 * that rolls back gives its numbers back.
 */
export const appendStatements = async (
  tx: Tx,
  statements: readonly AuditStatement[],
): Promise<readonly AuditEntry[]> => {
  const entries: AuditEntry[] = []
  const indexesPerTenant = Map.groupBy(statements.keys(), (index) => statements[index]!.tenantId)
  // Always in the same order of tenants, so that two transactions cannot wait for each other.
  for (const tenantId of [...indexesPerTenant.keys()].toSorted()) {
    const indexes = indexesPerTenant.get(tenantId) ?? []
    const extended = await extendChain(
      tx,
      tenantId,
      indexes.map((index) => statements[index]!),
    )
    for (const [at, index] of indexes.entries()) entries[index] = extended[at]!
  }
  return entries
}
